package io.everwire.cli;

import io.everwire.CloseCode;
import io.everwire.Failure;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.transport.RealClock;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a client tells about its session, on stderr. Events come in order; the end comes last. */
abstract class ConnectLines {
    private final LineWriter lines;
    final String url;

    /** The connection whose loss was told: what ended with it is not told twice. */
    private int lostEpoch = -1;

    private ConnectLines(LineWriter lines, String url) {
        this.lines = lines;
        this.url = url;
    }

    static LineWriter writer(Terminal terminal, boolean isJson) {
        return isJson
                ? new LineWriter(
                        terminal.err(),
                        count -> JsonLine.of("omitted").with("lines", count).at(RealClock.epochMillis()))
                : LineWriter.forPeople(terminal.err());
    }

    static ConnectLines json(LineWriter lines, String url) {
        return new Json(lines, url);
    }

    /**
     * Lines for a person.
     *
     * @param wantsSession whether the server was asked to keep the session
     */
    static ConnectLines text(LineWriter lines, Paint paint, String url, boolean wantsSession) {
        return new Text(lines, paint, url, wantsSession);
    }

    final void event(Session session, SessionEvent event) {
        if (event instanceof SessionEvent.Lost || event instanceof SessionEvent.Suspended) {
            lostEpoch = event.epoch();
        }
        if (!(event instanceof SessionEvent.Closed) || event.epoch() != lostEpoch) {
            tell(session, event);
        }
    }

    abstract void tell(Session session, SessionEvent event);

    /**
     * Tells the end of the command.
     *
     * @param mistake why it failed, null when it did not
     */
    abstract void ended(
            Session session,
            SessionEvent.Closed closed,
            Sends.Account account,
            long received,
            @Nullable String mistake);

    final void line(String text) {
        lines.line(text);
    }

    private static final class Json extends ConnectLines {
        Json(LineWriter lines, String url) {
            super(lines, url);
        }

        @Override
        void tell(Session session, SessionEvent event) {
            JsonLine json = EventJson.ofClient(session, event, url);
            if (json != null) {
                line(json.at(RealClock.epochMillis()));
            }
        }

        @Override
        void ended(
                Session session,
                SessionEvent.Closed closed,
                Sends.Account account,
                long received,
                @Nullable String mistake) {
            JsonLine json = JsonLine.of("ended")
                    .with("id", session.id())
                    .with("epoch", closed.epoch())
                    .with("code", closed.status().code())
                    .with("clean", closed.isClean())
                    .with("cause", Words.of(closed.cause().kind()))
                    .with("sent", account.total())
                    .with("confirmed", account.confirmed())
                    .with("unknown", account.unknown())
                    .with("notSent", account.notSent())
                    .with("received", received)
                    .with("exit", mistake == null ? ExitCode.FINE : ExitCode.FAILED);
            line((mistake == null ? json : json.with("message", mistake)).at(RealClock.epochMillis()));
        }
    }

    private static final class Text extends ConnectLines {
        /** While nothing changes, one line in so long is enough. */
        private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(5);

        private final Paint paint;
        private final boolean wantsSession;
        private Failure.@Nullable Kind lastWait;
        private long lastWaitNanos;

        Text(LineWriter lines, Paint paint, String url, boolean wantsSession) {
            super(lines, url);
            this.paint = paint;
            this.wantsSession = wantsSession;
        }

        @Override
        void tell(Session session, SessionEvent event) {
            if (event instanceof SessionEvent.Open && event.epoch() == 1) {
                line(paint.green("= connected to " + url) + kept(session));
            } else if (event instanceof SessionEvent.Suspect suspect) {
                line(paint.yellow("% the server is silent for " + Words.shortly(suspect.silence())));
            } else if (event instanceof SessionEvent.Alive) {
                line(paint.green("% the server was heard again"));
            } else if (event instanceof SessionEvent.Dead dead) {
                line(paint.red("! the server is dead: " + dead.message())
                        + (dead.grace() ? " (after a grace round)" : ""));
            } else if (event instanceof SessionEvent.Lost lost) {
                lastWait = null;
                line(paint.red("x " + Words.printable(lost.cause().message()))
                        + (lost.gap().unknownSends() == 0
                                ? ""
                                : "; " + Words.count(lost.gap().unknownSends(), "message")
                                        + " may or may not have arrived"));
            } else if (event instanceof SessionEvent.Suspended suspended) {
                lastWait = null;
                line(paint.red("x " + Words.printable(suspended.cause().message())) + "; the session is kept");
            } else if (event instanceof SessionEvent.SessionLost lost) {
                line(paint.red("! the session is lost (" + lost.loss().reason().word() + ")") + ": "
                        + Words.of(lost.loss()));
            } else if (event instanceof SessionEvent.TakenOver) {
                line(paint.red("! another connection holds the session"));
            } else if (event instanceof SessionEvent.Waiting waiting) {
                waiting(session, waiting);
            } else if (event instanceof SessionEvent.Reconnected back) {
                line(paint.green("= back after " + Words.shortly(back.outage()))
                        + paint.faint(", connection " + back.epoch())
                        + kept(session));
            } else if (event instanceof SessionEvent.Resumed back) {
                line(paint.green("= back after " + Words.shortly(back.outage()))
                        + paint.faint(", connection " + back.epoch()) + "; the session goes on, " + Words.of(back));
            } else if (event instanceof SessionEvent.ListenerFailed failed) {
                line(paint.red("! internal error: " + failed.error()));
            }
        }

        private String kept(Session session) {
            if (!wantsSession) {
                return "";
            }
            return session.isResumable() ? "; a new session" : "; the server keeps no sessions";
        }

        private void waiting(Session session, SessionEvent.Waiting waiting) {
            long now = RealClock.nanos();
            Failure failure = waiting.failure();
            if (failure.kind() != lastWait || now - lastWaitNanos >= QUIET_NANOS) {
                lastWait = failure.kind();
                lastWaitNanos = now;
                long queued = session.queuedBytes();
                line(paint.yellow("~ attempt " + waiting.attempt() + " in " + Words.shortly(waiting.delay())) + ": "
                        + Words.printable(failure.message())
                        + (queued == 0 ? "" : paint.faint(" (" + queued + " bytes queued)")));
            }
        }

        @Override
        void ended(
                Session session,
                SessionEvent.Closed closed,
                Sends.Account account,
                long received,
                @Nullable String mistake) {
            String counts = paint.faint(account.total() + " sent, " + received + " received");
            if (mistake != null) {
                line(paint.red("everwire: ") + mistake);
            } else if (closed.status().code() == CloseCode.NORMAL) {
                line(paint.faint("= closed, ") + counts);
            } else {
                line(paint.faint("= closed " + closed.status().code() + ", ") + counts);
            }
        }
    }
}
