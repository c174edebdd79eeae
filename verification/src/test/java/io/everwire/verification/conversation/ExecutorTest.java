package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Delivery;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Callbacks on an executor: in order, one at a time, and a slow one slows its peer down instead of filling memory. */
class ExecutorTest {
    private static final LivenessPolicy HASTY =
            LivenessPolicy.DEFAULT.withPing(Duration.ofMillis(200), Duration.ofMillis(200));

    @AutoClose
    private final Opened opened = new Opened();

    private final ExecutorService threads = opened.threads(Executors.newFixedThreadPool(4));

    /** Says so when two callbacks overlap. */
    private static class Jealous extends RecordingListener {
        final AtomicInteger inside = new AtomicInteger();
        final AtomicInteger overlaps = new AtomicInteger();

        @Override
        public void onMessage(Session session, Message message) {
            alone(() -> super.onMessage(session, message));
        }

        @Override
        public void onEvent(Session session, SessionEvent event) {
            alone(() -> super.onEvent(session, event));
        }

        private void alone(Runnable callback) {
            if (inside.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
            }
            callback.run();
            inside.decrementAndGet();
        }
    }

    @Test
    void runsCallbacksInOrderAndNeverTwoAtOnce() {
        Jealous server = new Jealous();
        Session session = opened.connect(
                opened.serve(EverwireServer.builder().listen("/", handshake -> server, threads)),
                new RecordingListener());
        List<String> sent =
                IntStream.range(0, 5_000).mapToObj(Integer::toString).toList();
        send(session, sent);

        assertThat(server.next(sent.size())).isEqualTo(sent);
        session.close();
        server.await(SessionEvent.Closed.class);
        assertThat(server.overlaps).hasValue(0);
        assertThat(server.events()).first().isInstanceOf(SessionEvent.Open.class);
        assertThat(server.events()).last().isInstanceOf(SessionEvent.Closed.class);
    }

    @Test
    void runsAClientsCallbacksOnItsExecutorToo() {
        Jealous client = new Jealous();
        EverwireServer up = opened.serve(new Echo());
        Session session =
                opened.connect(EverwireClient.to(Opened.url(up.port())).executor(threads), client);
        List<String> sent =
                IntStream.range(0, 2_000).mapToObj(Integer::toString).toList();
        send(session, sent);

        assertThat(client.next(sent.size())).isEqualTo(sent);
        assertThat(client.overlaps).hasValue(0);
    }

    private static void send(Session session, List<String> texts) {
        for (String text : texts) {
            try {
                session.awaitSend(Message.text(text), Patience.LIMIT);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("the test was interrupted", e);
            }
        }
    }

    @DisplayName("BP-01: a slow executor")
    @Test
    void makesTheSenderWaitForASlowExecutorWithoutLossAndWithoutAVerdict() {
        CountDownLatch gate = new CountDownLatch(1);
        RecordingListener server = new RecordingListener() {
            @Override
            public void onMessage(Session session, Message message) {
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                super.onMessage(session, message);
            }
        };
        EverwireServer up = opened.serve(EverwireServer.builder()
                .limits(Limits.DEFAULT.withReadAheadBytes(64 << 10))
                .liveness(HASTY)
                .listen("/", handshake -> server, threads));
        RecordingListener client = new RecordingListener();
        Session session =
                opened.connect(EverwireClient.to(Opened.url(up.port())).liveness(HASTY), client);
        client.await(SessionEvent.Ready.class);

        int sent = 0;
        while (sent < 2_000 && isTaken(session, numbered(sent))) {
            sent++;
        }
        // 128 MiB would have been taken if nobody had stopped it: the kernel's buffers and the read-ahead hold far
        // less.
        assertThat(sent).as("messages of 64 KiB until the sender had to wait").isLessThan(1_000);
        long answered = pingsAnswered(session);
        Patience.until("pings are answered all the while", () -> pingsAnswered(session) >= answered);
        Patience.until("the server pings on while it does not read", () -> serverPings(up) >= 5);
        assertThat(client.all(SessionEvent.Dead.class)).isEmpty();

        gate.countDown();
        for (int i = 0; i < sent; i++) {
            assertThat(server.next().bytes().getInt()).isEqualTo(i);
        }
        assertThat(Patience.of(session.send("still here"))).isEqualTo(Delivery.CONFIRMED);
        assertThat(session.epoch()).isEqualTo(1);
    }

    private static Message numbered(int number) {
        ByteBuffer payload = ByteBuffer.allocate(64 << 10).putInt(0, number);
        return Message.binary(payload.array());
    }

    /** Sends, waiting for room for so long that an endpoint that reads would have made some. */
    private static boolean isTaken(Session session, Message message) {
        try {
            session.awaitSend(message, Duration.ofMillis(500));
            return true;
        } catch (io.everwire.SendRejectedException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static long pingsAnswered(Session session) {
        var report = session.liveness();
        return report == null ? 0 : report.pingsAnswered();
    }

    private static long serverPings(EverwireServer server) {
        return server.sessions().stream()
                .map(Session::liveness)
                .mapToLong(report -> report == null ? 0 : report.pingsSent())
                .sum();
    }

    @Test
    void goesOnOnTheEventLoopWhenTheExecutorRefuses() {
        RecordingListener server = new RecordingListener();
        EverwireServer up = opened.serve(EverwireServer.builder().listen("/", handshake -> server, task -> {
            throw new RejectedExecutionException("shut down");
        }));
        Session session = opened.connect(up, new RecordingListener());

        assertThat(Patience.of(session.send("hello"))).isEqualTo(Delivery.CONFIRMED);
        assertThat(server.next().text()).isEqualTo("hello");
    }
}
