package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Message;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.server.EverwireServer;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.Offer;
import io.everwire.transport.EventLoops;
import io.everwire.transport.ServerTls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session has one event loop; the connections that carry it come in on any. */
class SessionHomeTest {
    private static final String PLAIN = "plain";

    @AutoClose
    private final Opened opened = new Opened();

    @TempDir
    private Path directory;

    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final RecordingListener listener = new RecordingListener() {
        @Override
        public void onMessage(Session session, Message message) {
            threads.add(Thread.currentThread());
            super.onMessage(session, message);
        }

        @Override
        public void onEvent(Session session, SessionEvent event) {
            threads.add(Thread.currentThread());
            super.onEvent(session, event);
        }
    };
    private Certificates certificates;

    @BeforeEach
    void makeCertificates() {
        certificates = new Certificates(directory);
        certificates.write("server", certificates.sign(certificates.server("first")));
    }

    private EverwireServer serve(String version) {
        EventLoops loops = opened.add(EventLoops.create(4));
        EverwireServer.Builder builder = EverwireServer.builder()
                .eventLoops(loops)
                .sessions(ResumePolicy.DEFAULT)
                .listen("/", listener);
        return opened.serve(
                version.equals(PLAIN)
                        ? builder
                        : builder.tls(ServerTls.of(certificates.path("server.pem"), certificates.path("server.key"))));
    }

    private RawPeer dial(EverwireServer server, String version) throws IOException {
        return opened.add(
                version.equals(PLAIN)
                        ? RawPeer.dial(server.port())
                        : new RawPeer(Certificates.dial(certificates.client(null), server.port(), version), true));
    }

    private SessionPeer begin(EverwireServer server, String version) throws IOException {
        String request = SessionPeer.request(SessionPeer.newOffer(1), "/", List.of());
        SessionPeer peer = SessionPeer.open(dial(server, version), request);
        peer.ack(0);
        listener.await(SessionEvent.Ready.class);
        return peer;
    }

    private static byte[] ack(long n) {
        return new Frame(true, Frame.TEXT, ("\0ack n=" + n).getBytes(StandardCharsets.US_ASCII)).bytes(true);
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, "TLSv1.2", "TLSv1.3"})
    void callsTheApplicationFromOneThreadWhateverConnectionCarriesIt(String version) throws IOException {
        EverwireServer server = serve(version);
        SessionPeer first = begin(server, version);
        for (int attempt = 1; attempt <= 40; attempt++) {
            RawPeer raw = dial(server, version);
            Offer claim = SessionPeer.claim(first.hello(), first.secret(), attempt, attempt - 1, 1, attempt);
            raw.write(SessionPeer.request(claim, "/", List.of()));
            assertThat(raw.readHead()).startsWith("HTTP/1.1 101 ");
            raw.write(ack(attempt - 1));
            raw.write(Frame.text("in " + attempt));
            assertThat(listener.next().text()).isEqualTo("in " + attempt);
            listener.session().trySend(Message.text("out " + attempt));
            assertThat(SessionPeer.nextOf(raw)).isEqualTo("out " + attempt);
        }
        assertThat(threads).hasSize(1);
        assertThat(listener.all(SessionEvent.Resumed.class)).hasSize(40);
    }

    /** What comes along with the request, in the same segment and behind it, waits until the channel has moved. */
    @ParameterizedTest
    @ValueSource(strings = {PLAIN, "TLSv1.2", "TLSv1.3"})
    void losesNoByteOnTheWay(String version) throws IOException {
        int messages = 300;
        EverwireServer server = serve(version);
        SessionPeer first = begin(server, version);
        for (int attempt = 1; attempt <= 12; attempt++) {
            int before = (attempt - 1) * messages;
            Offer claim = SessionPeer.claim(first.hello(), first.secret(), attempt, 0, 1, before + messages + 1);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.write(SessionPeer.request(claim, "/", List.of()).getBytes(StandardCharsets.US_ASCII));
            all.write(ack(0));
            for (int i = 1; i <= messages; i++) {
                all.write(Frame.text((before + i) + " " + "x".repeat(i)).bytes(true));
            }
            RawPeer raw = dial(server, version);
            raw.write(all.toByteArray());
            for (int i = 1; i <= messages; i++) {
                assertThat(listener.next().text())
                        .startsWith((before + i) + " ")
                        .endsWith("x".repeat(i));
            }
            assertThat(raw.readHead()).startsWith("HTTP/1.1 101 ");
            assertThat(SessionPeer.control(raw.read())).isInstanceOf(Control.Hello.class);
        }
        assertThat(threads).hasSize(1);
    }

    /** Those who hang up while their channel is between two event loops leave nothing behind, and their claims count. */
    @Test
    void forgetsWhoHangsUpOnTheWay() throws IOException {
        EverwireServer server = serve(PLAIN);
        SessionPeer first = begin(server, PLAIN);
        for (int attempt = 1; attempt <= 40; attempt++) {
            Offer claim = SessionPeer.claim(first.hello(), first.secret(), attempt, 0, 1, 1);
            RawPeer raw = dial(server, PLAIN);
            raw.write(SessionPeer.request(claim, "/", List.of()));
            raw.reset();
        }
        Offer claim = SessionPeer.claim(first.hello(), first.secret(), 41, 0, 1, 1);
        SessionPeer last = SessionPeer.open(dial(server, PLAIN), SessionPeer.request(claim, "/", List.of()));
        assertThat(last.hello().status()).isEqualTo(Control.Status.RESUMED);
        last.ack(0);
        last.send("still here");
        assertThat(listener.next().text()).isEqualTo("still here");
        last.cut();
        Patience.until("no connection is left", () -> server.connections() == 0);
    }
}
