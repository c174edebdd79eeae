package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Delivery;
import io.everwire.Failure;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.faults.Rate;
import io.everwire.faults.proxy.FaultProxy;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What TLS must not change about a connection: liveness, what counts as written, pauses, and how it ends. */
class TlsConnectionTest {
    private static final Certified CERTIFIED = new Certified();
    private static final X509Bundle SERVER = CERTIFIED.server();

    @AutoClose
    private final Opened opened = new Opened();

    @TempDir
    private Path directory;

    private final RecordingListener client = new RecordingListener();

    private RawServer serve(RawServer.Script script, String... protocols) throws IOException {
        SSLServerSocket listening = Certified.listen(CERTIFIED.context(SERVER), protocols);
        return opened.add(new RawServer("wss", listening, script));
    }

    private EverwireClient.Builder to(String url) throws IOException {
        return EverwireClient.to(url).tls(CERTIFIED.trust(directory)).reconnect(ReconnectPolicy.never());
    }

    @Test
    void hearsAPeerWhoseRecordTricklesIn() throws Exception {
        RawServer server = serve((peer, number) -> {
            peer.upgrade();
            // One record on the wire, which can be decrypted only as a whole.
            peer.write(Frame.text("x".repeat(12_000)));
            peer.read(Frame.CLOSE);
        });
        FaultProxy slow =
                opened.add(FaultProxy.listen(0).to("127.0.0.1", server.port()).start());
        slow.apply(new Rate(32_000));
        LivenessPolicy hasty = LivenessPolicy.DEFAULT.withPing(Duration.ofMillis(500), Duration.ofMillis(500));
        opened.connect(to("wss://127.0.0.1:" + slow.port() + "/").liveness(hasty), client);

        assertThat(client.next().text()).hasSize(12_000);
        assertThat(client.all(SessionEvent.Dead.class)).isEmpty();
    }

    @Test
    void confirmsWhatWasSentThoughTheKernelTookItInParts() throws Exception {
        RawServer server = serve((peer, number) -> {
            peer.upgrade();
            for (Frame frame = peer.readOrEnd(); frame != null; frame = peer.readOrEnd()) {
                if (frame.opcode() == Frame.PING) {
                    peer.write(Frame.pongTo(frame));
                } else if (frame.opcode() == Frame.CLOSE) {
                    peer.write(frame);
                }
            }
        });
        Session session = opened.connect(to(server.url()), client);
        List<CompletionStage<Delivery>> deliveries = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            deliveries.add(session.awaitSend(Message.binary(new byte[500_000]), Patience.LIMIT));
        }
        for (CompletionStage<Delivery> delivery : deliveries) {
            assertThat(Patience.of(delivery)).isEqualTo(Delivery.CONFIRMED);
        }
        assertThat(session.queuedBytes()).isZero();
        session.close();
        assertThat(Patience.of(session.closed()).isClean()).isTrue();
    }

    @Test
    void failsAStuckWrite() throws Exception {
        CompletableFuture<Void> over = new CompletableFuture<>();
        RawServer server = serve((peer, number) -> {
            peer.upgrade();
            Patience.of(over);
        });
        Limits limits =
                Limits.DEFAULT.withTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(2), Duration.ofMillis(300));
        Session session = opened.connect(to(server.url()).limits(limits), client);
        client.await(SessionEvent.Ready.class);
        while (session.trySend(Message.binary(new byte[50_000]))) {
            assertThat(session.rejectedSends()).isZero();
        }

        assertThat(client.await(SessionEvent.Dead.class).reason()).isEqualTo("write-timeout");
        assertThat(client.await(SessionEvent.Closed.class).cause().kind()).isEqualTo(Failure.Kind.WRITE_TIMEOUT);
        over.complete(null);
    }

    @Test
    void losesNothingWhilePaused() throws Exception {
        int count = 200;
        CompletableFuture<Void> written = new CompletableFuture<>();
        RawServer server = serve((peer, number) -> {
            peer.upgrade();
            for (int i = 0; i < count; i++) {
                peer.write(Frame.text(i + " " + "y".repeat(20_000)));
            }
            written.complete(null);
            peer.read(Frame.CLOSE);
        });
        RecordingListener pausing = new RecordingListener() {
            @Override
            public void onMessage(Session session, Message message) {
                if (messageCount() == 0) {
                    session.pause();
                }
                super.onMessage(session, message);
            }
        };
        LivenessPolicy hasty = LivenessPolicy.DEFAULT.withPing(Duration.ofMillis(200), Duration.ofMillis(200));
        Session session = opened.connect(to(server.url()).liveness(hasty), pausing);
        pausing.next();
        assertThat(written)
                .as("four megabytes do not fit into the read-ahead and the kernel")
                .isNotDone();
        session.resume();

        for (int i = 1; i < count; i++) {
            assertThat(pausing.next().text()).startsWith(i + " ");
        }
        Patience.of(written);
        assertThat(pausing.all(SessionEvent.Dead.class)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void saysGoodbyeInTlsWhenItCloses(String version) throws Exception {
        try (TlsObserver server = new TlsObserver(CERTIFIED.context(SERVER), version)) {
            Session session = opened.connect(to(server.url()), client);
            client.await(SessionEvent.Ready.class);
            session.close();

            assertThat(Patience.of(session.closed()).isClean()).isTrue();
            assertThat(Patience.of(server.ended())).isEqualTo("close_notify");
        }
    }

    @Test
    void resetsWhenItGivesUp() throws Exception {
        try (TlsObserver server = new TlsObserver(CERTIFIED.context(SERVER), "TLSv1.3")) {
            LivenessPolicy hasty = LivenessPolicy.DEFAULT.withPing(Duration.ofMillis(200), Duration.ofMillis(200));
            Session session = opened.connect(to(server.url()).liveness(hasty), client);
            // The observer answers no ping.
            assertThat(Patience.of(session.closed()).cause().kind()).isEqualTo(Failure.Kind.PEER_DEAD);

            assertThat(Patience.of(server.ended())).isEqualTo("reset");
        }
    }

    @Test
    void takesACutForNoCleanClose() throws Exception {
        try (TlsObserver server = new TlsObserver(CERTIFIED.context(SERVER), "TLSv1.3")) {
            Session session = opened.connect(to(server.url()), client);
            client.await(SessionEvent.Ready.class);
            server.cut();

            SessionEvent.Closed closed = Patience.of(session.closed());
            assertThat(closed.isClean()).isFalse();
            assertThat(closed.cause().kind()).isEqualTo(Failure.Kind.CONNECTION_LOST);
        }
    }

    @Test
    void takesAGoodbyeWithoutACloseFrameForNoCleanClose() throws Exception {
        RawServer server = serve((peer, number) -> peer.upgrade());
        Session session = opened.connect(to(server.url()), client);

        SessionEvent.Closed closed = Patience.of(session.closed());
        assertThat(closed.isClean()).isFalse();
        assertThat(closed.cause().message()).contains("without a closing handshake");
    }
}
