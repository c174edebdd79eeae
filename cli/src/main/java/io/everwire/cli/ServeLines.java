package io.everwire.cli;

import io.everwire.Handshake;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.transport.RealClock;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** What a server tells about itself and its sessions. Any thread. */
abstract class ServeLines {
    private final LineWriter lines;

    private ServeLines(LineWriter lines) {
        this.lines = lines;
    }

    static LineWriter writer(Terminal terminal, boolean isJson) {
        return isJson
                ? new LineWriter(
                        terminal.out(),
                        count -> JsonLine.of("omitted").with("lines", count).at(RealClock.epochMillis()))
                : LineWriter.forPeople(terminal.out());
    }

    static ServeLines json(LineWriter lines) {
        return new Json(lines);
    }

    /**
     * Lines for a person.
     *
     * @param later runs an action a second later
     */
    static ServeLines text(LineWriter lines, Paint paint, Consumer<Runnable> later) {
        return new Text(lines, paint, later);
    }

    abstract void listening(InetSocketAddress address, String where, String how);

    abstract void event(Session session, SessionEvent event);

    abstract void draining(int sessions, Duration window);

    abstract void stopping(int sessions);

    abstract void stopped();

    final void line(String text) {
        lines.line(text);
    }

    private static String pathOf(Session session) {
        Handshake handshake = session.handshake();
        return handshake == null ? "" : handshake.path();
    }

    private static String peerOf(Session session) {
        Handshake handshake = session.handshake();
        return handshake == null
                ? "?"
                : new HostPort(
                                handshake.remoteAddress().getHostString(),
                                handshake.remoteAddress().getPort())
                        .toString();
    }

    private static final class Json extends ServeLines {
        private volatile String origin = "";

        Json(LineWriter lines) {
            super(lines);
        }

        @Override
        void listening(InetSocketAddress address, String where, String how) {
            origin = where.substring(0, where.indexOf("//") + 2)
                    + new HostPort(address.getAddress().getHostAddress(), address.getPort());
            line(JsonLine.of("listening")
                    .with("port", address.getPort())
                    .with("url", where)
                    .at(RealClock.epochMillis()));
        }

        @Override
        void event(Session session, SessionEvent event) {
            JsonLine json = EventJson.ofServer(session, event, origin + pathOf(session));
            if (json != null) {
                line((event instanceof SessionEvent.Open ? json.with("peer", peerOf(session)) : json)
                        .at(RealClock.epochMillis()));
            }
        }

        @Override
        void draining(int sessions, Duration window) {
            line(JsonLine.of("draining")
                    .with("open", sessions)
                    .with("windowMs", window.toMillis())
                    .at(RealClock.epochMillis()));
        }

        @Override
        void stopped() {
            line(JsonLine.of("stopped").at(RealClock.epochMillis()));
        }

        @Override
        void stopping(int sessions) {
            line(JsonLine.of("stopping").with("open", sessions).at(RealClock.epochMillis()));
        }
    }

    /** After so many lines in a second, openings and closings are only counted until the second is over. */
    private static final class Text extends ServeLines {
        private static final int MOST_A_SECOND = 40;

        private final Paint paint;
        private final Consumer<Runnable> later;
        private final Set<Session> suspended = new HashSet<>();
        private int open;
        private int shown;
        private int opened;
        private int closed;
        private boolean isSummaryDue;

        Text(LineWriter lines, Paint paint, Consumer<Runnable> later) {
            super(lines);
            this.paint = paint;
            this.later = later;
        }

        @Override
        void listening(InetSocketAddress address, String where, String how) {
            line(paint.bold("listening on " + where) + paint.faint("  (" + how + ")"));
        }

        @Override
        void draining(int sessions, Duration window) {
            tell(
                    "=",
                    "draining " + Words.count(sessions, "session") + " over " + Words.shortly(window)
                            + "; ask again to stop at once");
        }

        @Override
        void stopped() {
            tell("=", "stopped");
        }

        @Override
        void stopping(int sessions) {
            tell("=", "stopping, " + Words.count(sessions, "session") + " to close");
        }

        @Override
        synchronized void event(Session session, SessionEvent event) {
            if (event instanceof SessionEvent.Open) {
                open++;
                limited(true, paint.green("+"), session.id() + " open from " + peerOf(session) + ", " + open + " now");
            } else if (event instanceof SessionEvent.Suspended end) {
                open--;
                suspended.add(session);
                limited(
                        false,
                        paint.yellow("…"),
                        session.id() + " suspended: "
                                + Words.printable(end.cause().message()) + ", " + open + " now");
            } else if (event instanceof SessionEvent.Resumed back) {
                open++;
                suspended.remove(session);
                limited(
                        true,
                        paint.green("+"),
                        session.id() + " resumed from " + peerOf(session) + ", " + Words.of(back) + ", " + open
                                + " now");
            } else if (event instanceof SessionEvent.SessionLost lost) {
                limited(
                        false,
                        paint.red("!"),
                        session.id() + " lost (" + lost.loss().reason().word() + "): " + Words.of(lost.loss()));
            } else if (event instanceof SessionEvent.Closed end) {
                open -= suspended.remove(session) ? 0 : 1;
                String how = end.status().code()
                        + (end.status().reason().isEmpty() ? "" : " ")
                        + Words.printable(end.status().reason());
                limited(false, paint.faint("x"), session.id() + " closed " + how + ", " + open + " now");
            } else if (event instanceof SessionEvent.Suspect suspect) {
                limited(
                        false,
                        paint.yellow("%"),
                        session.id() + " suspect, silent for " + Words.shortly(suspect.silence()));
            } else if (event instanceof SessionEvent.Dead dead) {
                limited(
                        false,
                        paint.red("!"),
                        session.id() + " dead: " + dead.message() + (dead.grace() ? " (after a grace round)" : ""));
            } else if (event instanceof SessionEvent.ListenerFailed failed) {
                tell(paint.red("!"), session.id() + " met an internal error: " + failed.error());
            }
        }

        private void limited(boolean isOpening, String symbol, String text) {
            if (!isSummaryDue) {
                isSummaryDue = true;
                later.accept(this::summarize);
            }
            if (shown < MOST_A_SECOND) {
                shown++;
                tell(symbol, text);
            } else if (isOpening) {
                opened++;
            } else {
                closed++;
            }
        }

        private synchronized void summarize() {
            if (opened + closed > 0) {
                tell("…", opened + " more opened, " + closed + " more lines about others, " + open + " open now");
            }
            shown = 0;
            opened = 0;
            closed = 0;
            isSummaryDue = false;
        }

        private void tell(String symbol, String text) {
            line(paint.faint(Words.timeOf(RealClock.epochMillis())) + " " + symbol + " " + text);
        }
    }
}
