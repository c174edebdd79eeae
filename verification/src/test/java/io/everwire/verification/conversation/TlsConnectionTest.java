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
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import io.everwire.faults.Rate;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.server.EverwireServer;
import io.everwire.server.Group;
import io.everwire.transport.ServerTls;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        int count = 1_000;
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
                .as("twenty megabytes do not fit into the read-ahead and the kernel")
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

    @ParameterizedTest
    @CsvSource({"TLSv1.2, true", "TLSv1.2, false", "TLSv1.3, true", "TLSv1.3, false"})
    void takesTheEndOfTlsForTheEndThoughTcpStaysOpen(String version, boolean isUpgraded) throws Exception {
        CompletableFuture<Void> over = new CompletableFuture<>();
        RawServer server = opened.add(new RawServer((peer, number) -> {
            SSLSocket secure = CERTIFIED.over(peer.socket(), SERVER, version);
            RawPeer inside = new RawPeer(secure, false);
            if (isUpgraded) {
                inside.upgrade();
                inside.write(Frame.text("the last"));
            } else {
                inside.readHead();
            }
            secure.shutdownOutput();
            Patience.of(over);
        }));
        LivenessPolicy patient = LivenessPolicy.DEFAULT.withPing(Duration.ofDays(1), Duration.ofDays(1));
        ReconnectPolicy once = ReconnectPolicy.never().withTimeouts(Duration.ofDays(1), Duration.ofDays(1));
        Session session = opened.connect(
                to("wss://127.0.0.1:" + server.port() + "/").liveness(patient).reconnect(once), client);

        SessionEvent.Closed closed = Patience.of(session.closed());
        over.complete(null);
        assertThat(closed.isClean()).isFalse();
        assertThat(closed.cause().kind()).isEqualTo(Failure.Kind.CONNECTION_LOST);
        assertThat(client.messageCount()).isEqualTo(isUpgraded ? 1 : 0);
    }

    /** Our own server, as far as TLS concerns it. */
    private EverwireServer.Builder own() throws IOException {
        Path chain = Certified.file(directory, "server.pem", SERVER.getCertificatePathPEM());
        Path key = Certified.file(directory, "server.key", SERVER.getPrivateKeyPEM());
        return EverwireServer.builder().tls(ServerTls.of(chain, key));
    }

    @Test
    void carriesBothWaysAtOnceBetweenOurOwnEnds() throws Exception {
        // Room for all that is echoed: what does not fit is refused to the echo, and would be missed here.
        Limits roomy = Limits.DEFAULT.withQueue(64 << 20, 1_000);
        EverwireServer server = opened.serve(own().limits(roomy).listen("/", new Echo()));
        Session session = opened.connect(to("wss://localhost:" + server.port() + "/"), client);
        int count = 60;
        List<CompletionStage<Delivery>> deliveries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            deliveries.add(session.awaitSend(Message.text(i + " " + "z".repeat(200_000)), Patience.LIMIT));
        }
        for (int i = 0; i < count; i++) {
            assertThat(client.next().text()).startsWith(i + " ").hasSizeGreaterThan(200_000);
            assertThat(Patience.of(deliveries.get(i))).isEqualTo(Delivery.CONFIRMED);
        }
        session.close();
        assertThat(Patience.of(session.closed()).isClean()).isTrue();
    }

    @Test
    void takesTheEndOfTlsForAClientsEndThoughTcpStaysOpen() throws Exception {
        RecordingListener welcomed = new RecordingListener();
        LivenessPolicy patient = LivenessPolicy.DEFAULT.withPing(Duration.ofDays(1), Duration.ofDays(1));
        EverwireServer server = opened.serve(own().liveness(patient).listen("/", welcomed));
        try (Socket tcp = new Socket(InetAddress.getLoopbackAddress(), server.port());
                SSLSocket secure = (SSLSocket) CERTIFIED
                        .context(null)
                        .getSocketFactory()
                        .createSocket(tcp, "localhost", server.port(), false)) {
            RawPeer peer = new RawPeer(secure, true);
            peer.write(RawPeer.REQUEST);
            peer.readHead();
            welcomed.await(SessionEvent.Ready.class);
            secure.shutdownOutput();

            assertThat(welcomed.await(SessionEvent.Closed.class).isClean()).isFalse();
        }
    }

    @Test
    void sharesOneEncodedMessageAmongConnectionsThatEachEncryptIt() throws Exception {
        Group group = new Group();
        EverwireServer server = opened.serve(own().listen("/", new SessionListener() {
            @Override
            public void onEvent(Session session, SessionEvent event) {
                if (event instanceof SessionEvent.Ready) {
                    group.add(session);
                }
            }
        }));
        List<RecordingListener> members = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            RecordingListener member = new RecordingListener();
            opened.connect(to("wss://localhost:" + server.port() + "/"), member);
            members.add(member);
        }
        Patience.until("all members", () -> group.size() == 4);
        for (int i = 0; i < 200; i++) {
            group.broadcast(Message.text(i + " " + "q".repeat(i * 37)));
        }
        for (RecordingListener member : members) {
            for (int i = 0; i < 200; i++) {
                assertThat(member.next().text()).isEqualTo(i + " " + "q".repeat(i * 37));
            }
        }
    }

    @Test
    void hearsAClientWhoseRecordTricklesIn() throws Exception {
        LivenessPolicy hasty = LivenessPolicy.DEFAULT.withPing(Duration.ofMillis(500), Duration.ofMillis(500));
        RecordingListener welcomed = new RecordingListener();
        EverwireServer server = opened.serve(own().liveness(hasty).listen("/", welcomed));
        FaultProxy slow =
                opened.add(FaultProxy.listen(0).to("127.0.0.1", server.port()).start());
        slow.apply(new Rate(32_000));
        Session session = opened.connect(to("wss://127.0.0.1:" + slow.port() + "/"), client);
        session.send(Message.text("x".repeat(12_000)));

        assertThat(welcomed.next().text()).hasSize(12_000);
        assertThat(welcomed.all(SessionEvent.Dead.class)).isEmpty();
    }

    @Test
    void isToldGoodbyeInTlsWhenTheServerCloses() throws Exception {
        RecordingListener welcomed = new RecordingListener();
        EverwireServer server = opened.serve(own().listen("/", welcomed));
        Session session = opened.connect(to("wss://localhost:" + server.port() + "/"), client);
        welcomed.await(SessionEvent.Ready.class);
        welcomed.session().close();

        assertThat(Patience.of(session.closed()).isClean()).isTrue();
        assertThat(welcomed.await(SessionEvent.Closed.class).isClean()).isTrue();
    }
}
