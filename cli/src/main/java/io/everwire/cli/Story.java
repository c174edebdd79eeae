package io.everwire.cli;

import io.everwire.Message;
import io.everwire.MessageView;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.SessionLoss;
import io.everwire.client.EverwireClient;
import io.everwire.faults.Blackhole;
import io.everwire.faults.Fault;
import io.everwire.faults.Heal;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.faults.proxy.ProxyListener;
import io.everwire.faults.proxy.ProxyState;
import io.everwire.server.EverwireServer;
import io.everwire.transport.EventLoops;
import io.everwire.transport.RealClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A server, a client and a faulty network between them, and what happens to them. */
final class Story {
    private static final Duration BEFORE = Duration.ofSeconds(2);
    private static final Duration AFTER = Duration.ofMillis(1_500);
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final Duration GLANCE = Duration.ofMillis(100);

    private final StoryProfile profile;
    private final Duration outage;
    private final int messages;
    private final StoryTeller teller;
    private final Stop stop;
    private final StoryRecord record = new StoryRecord();
    private @Nullable StoryMessages sender;

    Story(StoryProfile profile, Duration outage, int messages, StoryTeller teller, Stop stop) {
        this.profile = profile;
        this.outage = outage;
        this.messages = messages;
        this.teller = teller;
        this.stop = stop;
    }

    /** Plays the whole story; needs about the outage and five seconds. */
    StoryResult tell() throws InterruptedException {
        long start = RealClock.nanos();
        // Threads of their own, so that neither end can hold up the other one's clock.
        EventLoops ofServer = EventLoops.create(1);
        EventLoops ofClient = EventLoops.create(1);
        try (EverwireServer server = server().liveness(profile.server())
                        .eventLoops(ofServer)
                        .listen("/", served())
                        .start();
                FaultProxy proxy = FaultProxy.listen(0)
                        .to("127.0.0.1", server.port())
                        .listener(new Cable())
                        .start()) {
            teller.begins(profile, server.port(), proxy.port(), start);
            Session client = connect("ws://127.0.0.1:" + proxy.port() + "/", ofClient);
            StoryMessages sending = new StoryMessages(client);
            sender = sending;
            stop.whenAsked(sending::stop);
            String trouble = play(proxy, sending);
            StoryRecord.Times times = record.times(); // The good end is no part of what was measured.
            sending.stop();
            client.close();
            record.await(record::isEnded, Duration.ofSeconds(3));
            return StoryResult.judge(profile, start, times, sending.account(record), trouble);
        } finally {
            ofClient.close();
            ofServer.close();
        }
    }

    private EverwireServer.Builder server() {
        ResumePolicy resume = profile.resume();
        return resume == null
                ? EverwireServer.builder()
                : EverwireServer.builder().sessions(resume);
    }

    private EverwireClient.Builder client(String url) {
        ResumePolicy resume = profile.resume();
        return resume == null ? EverwireClient.to(url) : EverwireClient.to(url).sessions(resume);
    }

    /** Writes down what arrives, and echoes it. */
    private SessionListener served() {
        EchoListener echo = new EchoListener(this::handleServerEvent);
        return new SessionListener() {
            @Override
            public void onView(Session session, MessageView view) {
                record.arrival(view.toMessage());
                echo.onView(session, view);
            }

            @Override
            public void onWritable(Session session) {
                echo.onWritable(session);
            }

            @Override
            public void onEvent(Session session, SessionEvent event) {
                echo.onEvent(session, event);
            }
        };
    }

    private Session connect(String url, EventLoops loops) {
        return client(url)
                .liveness(profile.client())
                .reconnect(profile.reconnect())
                .eventLoops(loops)
                .listen(new SessionListener() {
                    @Override
                    public void onMessage(Session session, Message message) {
                        record.echo(message, RealClock.nanos());
                    }

                    @Override
                    public void onEvent(Session session, SessionEvent event) {
                        long now = RealClock.nanos();
                        record.clientEvent(event, now);
                        teller.clientEvent(session, event, url, now);
                    }
                });
    }

    private void handleServerEvent(Session session, SessionEvent event) {
        long now = RealClock.nanos();
        // The first connection is the one whose end is of interest; the second one has a session of its own.
        boolean isFirst = (Boolean) session.attributes().computeIfAbsent("isFirst", key -> record.isFirstServed());
        if (isFirst) {
            record.serverEvent(event, now);
        }
        teller.serverEvent(session, event, now);
    }

    /** Returns what went wrong, null when nothing did. */
    private @Nullable String play(FaultProxy proxy, StoryMessages sending) throws InterruptedException {
        if (!awaits(record::isReady, SOON)) {
            return stoppedOr("the client could not connect within " + Words.shortly(SOON));
        }
        int during = Math.max(1, Math.min(messages / 10, 100_000));
        int before = (messages - during) / 2;
        boolean isKept = profile.resume() != null;
        boolean isConfirming = isKept || profile.client().pingInterval() != null;
        finish(sending.act(before, BEFORE, isConfirming));
        if (!awaits(() -> sending.isOver(record), SOON)) {
            return stoppedOr("not every message came back within " + Words.shortly(SOON));
        }
        // Without a session the pings that ask for confirmations would notice the cut long before the promised time.
        CompletableFuture<Void> meanwhile = sending.act(during, outage, isKept);
        proxy.apply(Blackhole.BOTH);
        pass(outage);
        proxy.heal();
        if (!awaits(record::isUsableAgain, profile.patience(outage))) {
            return stoppedOr("the client did not come back within " + Words.shortly(profile.patience(outage))
                    + " after the network's return");
        }
        StoryRecord.Times times = record.times();
        if (!times.client().isLost() && times.usableNanos() != null) {
            teller.flowsAgain(times.usableNanos());
        }
        finish(meanwhile);
        finish(sending.act(messages - during - before, AFTER, isConfirming));
        if (!awaits(() -> sending.isOver(record), SOON)) {
            return stoppedOr("not every message was accounted for within " + Words.shortly(SOON));
        }
        awaits(record::isSettled, profile.server().bound());
        SessionLoss loss = record.loss();
        if (loss != null) {
            return "the session was lost (" + loss.reason().word() + ")";
        }
        return stop.isAsked() ? "the demo was interrupted" : null;
    }

    private String stoppedOr(String trouble) {
        return stop.isAsked() ? "the demo was interrupted" : trouble;
    }

    /** Lets the time of the outage pass, from the cut on. */
    private void pass(Duration time) throws InterruptedException {
        Long cut = record.times().cutNanos();
        long from = cut == null ? RealClock.nanos() : cut;
        long left = from + time.toNanos() - RealClock.nanos();
        while (left > 0 && !stop.await(Duration.ofNanos(Math.min(left, GLANCE.toNanos())))) {
            showProgress();
            left = from + time.toNanos() - RealClock.nanos();
        }
    }

    private boolean awaits(BooleanSupplier condition, Duration limit) throws InterruptedException {
        long end = RealClock.nanos() + limit.toNanos();
        while (!record.await(condition, GLANCE)) {
            showProgress();
            if (stop.isAsked() || RealClock.nanos() - end >= 0) {
                return false;
            }
        }
        return true;
    }

    private void finish(CompletableFuture<Void> act) throws InterruptedException {
        boolean isDone = false;
        while (!isDone && !stop.isAsked()) {
            try {
                act.get(GLANCE.toMillis(), TimeUnit.MILLISECONDS);
                isDone = true;
            } catch (TimeoutException e) {
                showProgress();
            } catch (ExecutionException e) {
                throw new CommandFailedException("the messages could not be sent: " + e.getCause());
            }
        }
    }

    private void showProgress() {
        StoryMessages sending = sender;
        if (sending != null) {
            teller.progress(sending.sent(), record.received(), messages);
        }
    }

    /** Hears from the proxy, on its event loop, when a fault has begun and when it has ended. */
    private final class Cable implements ProxyListener {
        @Override
        public void onFault(Fault fault, ProxyState state) {
            long now = RealClock.nanos();
            if (fault instanceof Heal) {
                record.heal(now);
                teller.healed(now);
            } else {
                record.cut(now);
                teller.cut(now);
            }
        }
    }
}
