package io.everwire.cli;

import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.transport.RealClock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Tells the story to a script. */
final class JsonStoryTeller implements StoryTeller {
    private final LineWriter lines;
    private volatile int serverPort;

    JsonStoryTeller(LineWriter lines) {
        this.lines = lines;
    }

    @Override
    public void begins(StoryProfile profile, int server, int proxy, long nowNanos) {
        serverPort = server;
        line(JsonLine.of("listening").with("port", server).with("proxyPort", proxy));
    }

    @Override
    public void cut(long nowNanos) {
        line(JsonLine.of("fault").with("fault", "blackhole"));
    }

    @Override
    public void healed(long nowNanos) {
        line(JsonLine.of("heal"));
    }

    @Override
    public void flowsAgain(long nowNanos) {
        line(JsonLine.of("not-noticed"));
    }

    @Override
    public void serverEvent(Session session, SessionEvent event, long nowNanos) {
        line(EventJson.ofServer(session, event, "ws://127.0.0.1:" + serverPort + "/"), "server");
    }

    @Override
    public void clientEvent(Session session, SessionEvent event, String url, long nowNanos) {
        line(EventJson.ofClient(session, event, url), "client");
    }

    @Override
    public void progress(int sent, int received, int all) {
        // A script reads the summary.
    }

    @Override
    public void end(StoryResult result) {
        StoryMessages.Account account = result.account();
        StoryRecord.Times times = result.times();
        line(JsonLine.of("summary")
                .with("sent", account.sent())
                .with("received", account.received())
                .with("unknown", account.unknown())
                .with("lost", account.lost())
                .withNullable("serverDetectMs", millis(times.server().detect()))
                .withNullable("clientDetectMs", millis(times.client().detect()))
                .withNullable("outageMs", millis(times.outage()))
                .withNullable("recoverMs", millis(times.recovery()))
                .with("notSent", account.notSent())
                .with("repeated", times.repeated())
                .with("delivered", account.delivered())
                .with("replayed", account.replayed())
                .with("duplicated", account.duplicated())
                .with("noticed", result.isNoticed())
                .with("serverGrace", times.server().hadGrace())
                .with("clientGrace", times.client().hadGrace())
                .with("ok", result.mistakes().isEmpty())
                .with("mistakes", result.mistakes()));
    }

    private static @Nullable Long millis(@Nullable Duration duration) {
        return duration == null ? null : duration.toMillis();
    }

    private void line(@Nullable JsonLine line, String end) {
        if (line != null) {
            line(line.with("end", end));
        }
    }

    private void line(JsonLine line) {
        lines.line(line.at(RealClock.epochMillis()));
    }
}
