package io.everwire.cli;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionLoss;
import org.jspecify.annotations.Nullable;

/** The events of a session as scripts read them. */
final class EventJson {
    private EventJson() {}

    /**
     * Returns the line of an event at a client, not yet ended, or null for an event that scripts are not told.
     *
     * @param url what was opened
     */
    static @Nullable JsonLine ofClient(Session session, SessionEvent event, String url) {
        return event instanceof SessionEvent.Resumed back
                ? resumed("reconnected", session.id(), back)
                : of(session, event, url);
    }

    /** Returns the line of an event at a server, where nobody connects again; otherwise as {@link #ofClient}. */
    static @Nullable JsonLine ofServer(Session session, SessionEvent event, String url) {
        return event instanceof SessionEvent.Resumed back
                ? resumed("resumed", session.id(), back)
                : of(session, event, url);
    }

    private static @Nullable JsonLine of(Session session, SessionEvent event, String url) {
        String id = session.id();
        if (event instanceof SessionEvent.Open open) {
            JsonLine line = begin("open", id, event).with("resumed", false).with("url", url);
            String name = session.sessionId();
            line = name == null ? line : line.with("session", name);
            String extension = open.handshake().extension();
            return extension == null ? line : line.with("extension", extension);
        } else if (event instanceof SessionEvent.Suspect suspect) {
            return begin("suspect", id, event)
                    .with("silentMs", suspect.silence().toMillis());
        } else if (event instanceof SessionEvent.Alive alive) {
            return begin("alive", id, event).with("silentMs", alive.silence().toMillis());
        } else if (event instanceof SessionEvent.Dead dead) {
            JsonLine line = begin("dead", id, event)
                    .with("silentMs", dead.silence().toMillis())
                    .with("reason", dead.reason());
            return (dead.grace() ? line.with("grace", true) : line).with("message", dead.message());
        } else if (event instanceof SessionEvent.Lost lost) {
            return closed("closed", id, event, lost.cause())
                    .with("silentMs", lost.gap().silence().toMillis())
                    .with("unknownSends", lost.gap().unknownSends());
        } else if (event instanceof SessionEvent.Suspended suspended) {
            return closed("suspended", id, event, suspended.cause());
        } else if (event instanceof SessionEvent.SessionLost lost) {
            return lost(begin("session-lost", id, event), lost.loss());
        } else if (event instanceof SessionEvent.TakenOver) {
            return begin("taken-over", id, event);
        } else if (event instanceof SessionEvent.Waiting waiting) {
            return begin("waiting", id, event)
                    .with("attempt", waiting.attempt())
                    .with("delayMs", waiting.delay().toMillis())
                    .with("reason", Words.of(waiting.failure().kind()))
                    .with("message", waiting.failure().message());
        } else if (event instanceof SessionEvent.Reconnected back) {
            return begin("reconnected", id, event)
                    .with("outageMs", back.outage().toMillis())
                    .with("resumed", false)
                    .with("replayedIn", 0)
                    .with("replayedOut", 0)
                    .with("lostEpoch", back.gap().lostEpoch())
                    .with("silentMs", back.gap().silence().toMillis())
                    .with("unknownSends", back.gap().unknownSends());
        } else if (event instanceof SessionEvent.Closed closed) {
            return closed(begin("closed", id, event), closed.status(), closed.isClean(), closed.cause());
        } else if (event instanceof SessionEvent.ListenerFailed failed) {
            return begin("failed", id, event).with("message", String.valueOf(failed.error()));
        }
        return null;
    }

    private static JsonLine begin(String name, String id, SessionEvent event) {
        return JsonLine.of(name).with("id", id).with("epoch", event.epoch());
    }

    private static JsonLine resumed(String name, String id, SessionEvent.Resumed back) {
        return begin(name, id, back)
                .with("outageMs", back.outage().toMillis())
                .with("resumed", true)
                .with("replayedIn", back.replayedIn())
                .with("replayedOut", back.replayedOut());
    }

    private static JsonLine lost(JsonLine line, SessionLoss loss) {
        return line.with("reason", loss.reason().word())
                .with("delivered", loss.delivered())
                .with("unknown", loss.unknown())
                .with("undelivered", loss.undelivered())
                .with("received", loss.received());
    }

    private static JsonLine closed(String name, String id, SessionEvent event, Failure cause) {
        return closed(begin(name, id, event), statusOf(cause), isClean(cause), cause);
    }

    private static JsonLine closed(JsonLine line, CloseStatus status, boolean isClean, Failure cause) {
        String reason = status.reason().isEmpty() && !isClean ? cause.message() : status.reason();
        return line.with("code", status.code())
                .with("reason", reason)
                .with("clean", isClean)
                .with("cause", Words.of(cause.kind()));
    }

    /** A connection that was lost without a close frame has 1006 (RFC 6455 section 7.1.5). */
    private static CloseStatus statusOf(Failure cause) {
        CloseStatus status = cause.closeStatus();
        return status == null ? new CloseStatus(CloseCode.ABNORMAL, "") : status;
    }

    /** The peer's close frame is answered always. */
    private static boolean isClean(Failure cause) {
        return cause.kind() == Failure.Kind.CLOSED_BY_PEER;
    }
}
