package io.everwire.cli;

import io.everwire.Failure;
import io.everwire.Session;
import io.everwire.SessionEvent;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells the story to a person: a time line, a line of progress below it on a terminal, and a table at the end. */
final class TextStoryTeller implements StoryTeller {
    private static final int BAR = 30;

    private final LineWriter lines;
    private final Paint paint;
    private final boolean isWatched;
    private volatile long startNanos;
    private volatile boolean isCut;
    private Failure.@Nullable Kind lastWait;

    TextStoryTeller(LineWriter lines, Paint paint, boolean isWatched) {
        this.lines = lines;
        this.paint = paint;
        this.isWatched = isWatched;
    }

    @Override
    public void begins(StoryProfile profile, int serverPort, int proxyPort, long nowNanos) {
        startNanos = nowNanos;
        lines.line("");
        lines.line("  " + paint.bold("client") + " ── " + paint.bold("cable") + " :" + proxyPort + " ── "
                + paint.bold("server") + " :" + serverPort);
        lines.line("  " + paint.faint(profile.name()));
        lines.line("");
    }

    @Override
    public void cut(long nowNanos) {
        isCut = true;
        line(nowNanos, "cable", paint.red("✂"), paint.bold("the cable is cut: nothing passes and nobody is told"));
    }

    @Override
    public void healed(long nowNanos) {
        isCut = false;
        line(nowNanos, "cable", paint.green("◆"), paint.bold("the network is back"));
    }

    @Override
    public void flowsAgain(long nowNanos) {
        line(nowNanos, "both", paint.green("✓"), "messages flow again on the same connection: not noticed");
    }

    @Override
    public void serverEvent(Session session, SessionEvent event, long nowNanos) {
        if (event instanceof SessionEvent.Open) {
            line(nowNanos, "server", paint.green("●"), "session " + session.id() + " is open");
        } else if (event instanceof SessionEvent.Suspended) {
            line(nowNanos, "server", paint.red("○"), "session " + session.id() + " is suspended");
        } else if (event instanceof SessionEvent.Resumed back) {
            line(nowNanos, "server", paint.green("✓"), "session " + session.id() + " is resumed: " + Words.of(back));
        } else if (!tellCommon("server", "client", event, nowNanos) && event instanceof SessionEvent.Closed closed) {
            line(
                    nowNanos,
                    "server",
                    paint.faint("○"),
                    paint.faint("session " + session.id() + " is closed: "
                            + closed.status().code()));
        }
    }

    @Override
    public void clientEvent(Session session, SessionEvent event, String url, long nowNanos) {
        if (tellCommon("client", "server", event, nowNanos)) {
            return;
        }
        if (event instanceof SessionEvent.Open && event.epoch() == 1) {
            line(nowNanos, "client", paint.green("●"), "connected to " + url);
        } else if (event instanceof SessionEvent.Lost lost) {
            lastWait = null;
            line(
                    nowNanos,
                    "client",
                    paint.red("○"),
                    "the connection is lost; " + Words.count(lost.gap().unknownSends(), "message")
                            + " may or may not have arrived");
        } else if (event instanceof SessionEvent.Suspended) {
            lastWait = null;
            line(nowNanos, "client", paint.red("○"), "the connection is lost; the session is kept");
        } else if (event instanceof SessionEvent.Resumed back) {
            line(
                    nowNanos,
                    "client",
                    paint.green("✓"),
                    paint.bold("resumed after " + Words.seconds(back.outage()) + ", connection " + back.epoch()) + ": "
                            + Words.of(back));
        } else if (event instanceof SessionEvent.Waiting waiting
                && waiting.failure().kind() != lastWait) {
            lastWait = waiting.failure().kind();
            line(nowNanos, "client", paint.yellow("…"), "tries again: " + Words.of(lastWait));
        } else if (event instanceof SessionEvent.Reconnected back) {
            line(
                    nowNanos,
                    "client",
                    paint.green("✓"),
                    paint.bold("back after " + Words.seconds(back.outage()) + ", connection " + back.epoch()));
        }
    }

    private boolean tellCommon(String end, String peer, SessionEvent event, long nowNanos) {
        if (event instanceof SessionEvent.Suspect suspect) {
            line(
                    nowNanos,
                    end,
                    paint.yellow("?"),
                    "the " + peer + " is silent for " + Words.shortly(suspect.silence()));
        } else if (event instanceof SessionEvent.Alive) {
            line(nowNanos, end, paint.green("!"), "the " + peer + " was heard again");
        } else if (event instanceof SessionEvent.Dead dead) {
            line(
                    nowNanos,
                    end,
                    paint.red("✗"),
                    "the " + peer + " is dead: silent for " + Words.seconds(dead.silence()) + ", " + dead.reason()
                            + (dead.grace() ? ", after a grace round" : ""));
        } else if (event instanceof SessionEvent.SessionLost lost) {
            line(
                    nowNanos,
                    end,
                    paint.red("✗"),
                    "the session is lost (" + lost.loss().reason().word() + "): " + Words.of(lost.loss()));
        } else {
            return false;
        }
        return true;
    }

    private void line(long nowNanos, String who, String symbol, String text) {
        lines.line(paint.faint(time(nowNanos)) + "  " + paint.cyan(String.format(Locale.ROOT, "%-6s", who)) + "  "
                + symbol + "  " + text);
    }

    private String time(long nanos) {
        return String.format(Locale.ROOT, "%9.3f s", (nanos - startNanos) / 1e9);
    }

    @Override
    public void progress(int sent, int received, int all) {
        if (isWatched) {
            int filled = (int) ((long) received * BAR / all);
            String bar = paint.green("━".repeat(filled)) + paint.faint("━".repeat(BAR - filled));
            lines.status("  " + bar + "  " + sent + " sent, " + received + " back, " + (sent - received)
                    + " on their way" + (isCut ? paint.red("  cable cut") : ""));
        }
    }

    @Override
    public void end(StoryResult result) {
        StoryMessages.Account account = result.account();
        StoryRecord.Times times = result.times();
        StoryProfile profile = result.profile();
        lines.status("");
        lines.line("");
        row("the cable was cut", times.cutNanos(), "");
        verdict("the server noticed", times.server(), profile.server().bound());
        verdict("the client noticed", times.client(), profile.client().bound());
        row("the network came back", times.healNanos(), after(times.outage(), "after the cut"));
        row("the client was usable again", times.usableNanos(), after(times.recovery(), "after that"));
        lines.line("");
        lines.line("  " + paint.bold("messages") + "  " + account.sent() + " sent, "
                + (profile.resume() == null ? came(account) : wasDelivered(account))
                + (account.notSent() > 0 ? account.notSent() + " not sent, " : "")
                + (account.lost() == 0 ? paint.green("0 lost") : paint.red(account.lost() + " lost")));
        if (account.unknown() > 0 && profile.resume() == null) {
            lines.line(
                    paint.faint("            unknown: written into the cut cable; the client said so when it noticed"));
        }
        lines.line("");
        for (String mistake : result.mistakes()) {
            lines.line("  " + paint.red("✗ not as promised: ") + mistake);
        }
        if (result.mistakes().isEmpty()) {
            lines.line("  " + paint.green("✓ ")
                    + (result.isNoticed() ? "as promised" : "as promised: an outage so short is not noticed"));
        }
    }

    private static String came(StoryMessages.Account account) {
        return account.received() + " came back, " + account.unknown() + " unknown, ";
    }

    private String wasDelivered(StoryMessages.Account account) {
        return account.delivered() + " delivered once, " + account.replayed() + " replayed, "
                + (account.duplicated() > 0 ? paint.red(account.duplicated() + " twice") + ", " : "")
                + (account.unknown() > 0 ? account.unknown() + " unknown, " : "");
    }

    private void verdict(String what, StoryEnd.Verdict verdict, Duration bound) {
        Long at = verdict.atNanos();
        if (at != null) {
            row(
                    what,
                    at,
                    after(verdict.detect(), "of silence, promised within " + Words.shortly(bound))
                            + (verdict.hadGrace() ? " and a grace round" : ""));
        } else {
            row(what, null, verdict.isLost() ? "told by the other end" : "not noticed");
        }
    }

    private static String after(@Nullable Duration duration, String what) {
        return duration == null ? "" : Words.seconds(duration) + " " + what;
    }

    private void row(String what, @Nullable Long nanos, String remark) {
        lines.line("  " + String.format(Locale.ROOT, "%-28s", what)
                + paint.bold(nanos == null ? String.format(Locale.ROOT, "%11s", "–") : time(nanos)) + "   "
                + paint.faint(remark));
    }
}
