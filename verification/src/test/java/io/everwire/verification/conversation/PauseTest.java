package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Delivery;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.LivenessReport;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@code pause()} and {@code resume()}: a slow consumer loses nothing, is not judged dead, and judges nobody dead. */
class PauseTest {
    private static final LivenessPolicy HASTY =
            LivenessPolicy.DEFAULT.withPing(Duration.ofMillis(200), Duration.ofMillis(200));

    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener server = new RecordingListener();

    @Test
    void answersPingsWithinTheReadAheadWhilePaused() throws Exception {
        EverwireServer up = opened.serve(server);
        try (RawPeer peer = RawPeer.open(up.port())) {
            server.await(SessionEvent.Ready.class);
            server.session().pause();
            for (int i = 0; i < 20; i++) {
                peer.write(Frame.text("held " + i), Frame.ping("are you there? " + i));
                assertThat(peer.read(Frame.PONG).text()).isEqualTo("are you there? " + i);
            }
            assertThat(server.messageCount()).isZero();

            server.session().resume();
            assertThat(server.next(20)).startsWith("held 0", "held 1").endsWith("held 18", "held 19");
        }
    }

    @Test
    void deliversNothingAfterACallbackHasPaused() throws Exception {
        RecordingListener pausing = new RecordingListener() {
            @Override
            public void onMessage(Session session, Message message) {
                session.pause();
                super.onMessage(session, message);
            }
        };
        EverwireServer up = opened.serve(pausing);
        try (RawPeer peer = RawPeer.open(up.port())) {
            peer.write(Frame.text("1"), Frame.text("2"), Frame.text("3"), Frame.ping("done"));
            peer.read(Frame.PONG);
            for (int i = 1; i <= 3; i++) {
                assertThat(pausing.next().text()).isEqualTo(Integer.toString(i));
                assertThat(pausing.messageCount()).isEqualTo(i);
                pausing.session().resume();
            }
        }
    }

    @DisplayName("BP-01: a handler that has paused")
    @Test
    void losesNothingAndJudgesNobodyWhilePaused() throws Exception {
        EverwireServer up = opened.serve(EverwireServer.builder()
                .limits(Limits.DEFAULT.withReadAheadBytes(64 << 10))
                .liveness(HASTY)
                .listen("/", server));
        RecordingListener client = new RecordingListener();
        Session session =
                opened.connect(EverwireClient.to(Opened.url(up.port())).liveness(HASTY), client);
        client.await(SessionEvent.Ready.class);
        server.await(SessionEvent.Ready.class);
        server.session().pause();

        List<String> texts = IntStream.range(0, 40)
                .mapToObj(i -> Integer.toString(i).repeat(8 << 10))
                .toList();
        texts.forEach(text -> assertThat(session.trySend(Message.text(text))).isTrue());
        // An end would have been given up several times by now if a slow consumer were a dead peer.
        Patience.until("pings went on", () -> pings(session) + pings(server.session()) >= 10);
        assertThat(client.all(SessionEvent.Dead.class)).isEmpty();
        assertThat(server.all(SessionEvent.Dead.class)).isEmpty();
        assertThat(server.messageCount()).isZero();

        server.session().resume();
        assertThat(server.next(texts.size())).isEqualTo(texts);
        assertThat(Patience.of(session.send("still here"))).isEqualTo(Delivery.CONFIRMED);
        assertThat(session.epoch()).isEqualTo(1);
    }

    private static long pings(Session session) {
        LivenessReport report = session.liveness();
        return report == null ? 0 : report.pingsSent();
    }

    @Test
    void deliversWhatWasReceivedWhenAPausedSessionEnds() throws Exception {
        EverwireServer up = opened.serve(server);
        try (RawPeer peer = RawPeer.open(up.port())) {
            server.await(SessionEvent.Ready.class);
            server.session().pause();
            peer.write(Frame.text("last words"), Frame.close(1000, ""));
            assertThat(peer.read(Frame.CLOSE).closeCode()).isEqualTo(1000);
        }

        assertThat(server.next().text()).isEqualTo("last words");
        server.await(SessionEvent.Closed.class);
    }

    @DisplayName("BP-01: a flood while the session closes")
    @Test
    void readsNoMoreThanTheReadAheadWhileAPausedSessionCloses() throws Exception {
        EverwireServer up = opened.serve(server);
        AtomicLong written = new AtomicLong();
        try (RawPeer peer = RawPeer.open(up.port())) {
            server.await(SessionEvent.Ready.class);
            server.session().pause();
            Thread flood = new Thread(() -> flood(peer, written), "flood");
            flood.start();
            Patience.until("the flood has begun", () -> written.get() > 1 << 20);
            server.session().close();
            Patience.of(server.session().closed());
            flood.join(Patience.LIMIT.toMillis());
        }

        // The kernel's buffers hold some megabytes; the heap would hold a gigabyte by now.
        assertThat(written.get()).isLessThan(64 << 20);
    }

    private static void flood(RawPeer peer, AtomicLong written) {
        try {
            byte[] frame = peer.bytes(Frame.binary(60_000));
            while (true) {
                peer.write(frame);
                written.addAndGet(frame.length);
            }
        } catch (IOException e) {
            // Hung up on at last.
            return;
        }
    }
}
