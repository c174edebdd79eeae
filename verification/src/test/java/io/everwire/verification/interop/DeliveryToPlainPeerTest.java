package io.everwire.verification.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.ConnectRequest;
import io.everwire.Delivery;
import io.everwire.LivenessPolicy;
import io.everwire.LivenessReport;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.SendOptions;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.SessionState;
import io.everwire.client.EverwireClient;
import io.everwire.faults.Blackhole;
import io.everwire.faults.Delay;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.verification.Requirement;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code send} says of each message to an echo server of somebody else, behind a network that swallows everything again and
 * again, and what that server's own journal says.
 */
class DeliveryToPlainPeerTest {
    private static final System.Logger LOG = System.getLogger(DeliveryToPlainPeerTest.class.getName());
    private static final LivenessPolicy HASTY =
            LivenessPolicy.DEFAULT.withPing(Duration.ofMillis(200), Duration.ofMillis(400));
    private static final SendOptions MORTAL = SendOptions.DEFAULT.withTimeToLive(Duration.ofMillis(150));
    private static final List<Blackhole> CUTS = List.of(Blackhole.BOTH, Blackhole.UP, Blackhole.DOWN);
    /** So that a cut catches messages and pongs under way: what is confirmed too early would be lost behind it. */
    private static final Delay LONG_WAY = new Delay(Duration.ofMillis(60), Duration.ofMillis(20));

    private static final int TICK_MILLIS = 5;
    private static final int LARGE = 60_000;

    @AutoClose
    private final Opened opened = new Opened();

    @TempDir
    private Path directory;

    private final Journal journal = new Journal();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger losses = new AtomicInteger();

    @Test
    void isWhatThePeersJournalSaysAfterTenCuts() throws Exception {
        run(10, 4);
    }

    @Test
    @Tag("full")
    void isWhatThePeersJournalSaysAfterAHundredCuts() throws Exception {
        run(100, 5);
    }

    private void run(int cuts, long seed) throws Exception {
        Interpreter websockets = Interpreter.WEBSOCKETS;
        Requirement.orSkip(websockets.isThere(), "Python websockets", websockets.howToInstall());
        Path file = directory.resolve("journal");
        Program peer = Scripts.start(
                "delivery to Python websockets", websockets, "websockets_journal.py", line -> {}, file.toString());
        opened.add(peer::kill);
        int port = Integer.parseInt(peer.await("listening ").text().substring("listening ".length()));
        FaultProxy proxy =
                opened.add(FaultProxy.listen(0).to("127.0.0.1", port).seed(seed).start());
        Session session = opened.remember(connect(proxy.port()));
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        opened.threads(clock);
        Random sizes = new Random(seed);
        clock.scheduleAtFixedRate(() -> sendOne(session, sizes), 0, TICK_MILLIS, TimeUnit.MILLISECONDS);

        Random chance = new Random(seed);
        for (int cut = 0; cut < cuts; cut++) {
            proxy.apply(LONG_WAY);
            awaitTraffic(session, 1 + chance.nextInt(300));
            proxy.apply(CUTS.get(cut % CUTS.size()));
            Patience.until("the cut is noticed", () -> session.state() != SessionState.OPEN);
            // Some are long enough for messages to grow too old in the queue.
            awaitSends(chance.nextInt(60));
            proxy.heal();
        }
        awaitTraffic(session, 1);
        clock.shutdown();
        assertThat(clock.awaitTermination(Patience.SECONDS, TimeUnit.SECONDS)).isTrue();
        session.close();
        Patience.of(session.closed());
        Patience.until("every send is settled", journal::isSettled);
        peer.kill();

        List<String> contradictions = journal.judge(Files.readAllLines(file));
        String figures = "seed " + seed + ": " + cuts + " cuts, " + losses + " losses; " + journal;
        LOG.log(System.Logger.Level.INFO, figures);
        assertThat(contradictions).as(figures).isEmpty();
        assertThat(losses).hasValueGreaterThanOrEqualTo(cuts);
        for (Delivery.Outcome outcome : Delivery.Outcome.values()) {
            assertThat(journal.count(outcome)).as(outcome + " in " + figures).isPositive();
        }
    }

    private Session connect(int port) {
        return EverwireClient.to(ConnectRequest.to(Opened.url(port)))
                .liveness(HASTY)
                .reconnect(ReconnectPolicy.DEFAULT.withBudgets(100_000, 100_000))
                .listen(new SessionListener() {
                    @Override
                    public CompletionStage<?> onReady(Session session, DirectSender direct) {
                        direct.send(Journal.EPOCH + session.epoch());
                        return SessionListener.super.onReady(session, direct);
                    }

                    @Override
                    public void onEvent(Session session, SessionEvent event) {
                        if (event instanceof SessionEvent.Lost || event instanceof SessionEvent.Closed) {
                            losses.addAndGet(event instanceof SessionEvent.Lost ? 1 : 0);
                            LivenessReport report = session.liveness();
                            journal.end(event.epoch(), report == null ? 0 : report.pingsAnswered());
                        }
                    }
                });
    }

    /** Every eighth message is large, so that cuts fall into the middle of some; every third ages. */
    private void sendOne(Session session, Random sizes) {
        int number = sent.getAndIncrement();
        String text = number + " " + "x".repeat(number % 8 == 0 ? sizes.nextInt(LARGE) : sizes.nextInt(200));
        journal.send(number, text.length());
        session.send(Message.text(text), number % 3 == 0 ? MORTAL : SendOptions.DEFAULT)
                .thenAccept(delivery -> journal.settle(number, delivery));
    }

    /** Waits until the session is open and a few more messages were sent, and at least one more is confirmed. */
    private void awaitTraffic(Session session, int messages) {
        long confirmed = journal.count(Delivery.Outcome.CONFIRMED);
        Patience.until(
                "messages get through",
                () -> session.state() == SessionState.OPEN && journal.count(Delivery.Outcome.CONFIRMED) > confirmed);
        awaitSends(messages);
    }

    private void awaitSends(int messages) {
        int before = sent.get();
        Patience.until("messages are sent", () -> sent.get() >= before + messages);
    }
}
