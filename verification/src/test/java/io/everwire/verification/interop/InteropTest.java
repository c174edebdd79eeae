package io.everwire.verification.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseStatus;
import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionEvent.Closed;
import io.everwire.SessionEvent.Lost;
import io.everwire.SessionEvent.Ready;
import io.everwire.client.EverwireClient;
import io.everwire.faults.Reset;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.server.EverwireServer;
import io.everwire.transport.OriginPolicy;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RecordingListener;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our client with other people's servers, and our server with other people's clients. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class InteropTest {
    private static final CloseStatus OURS = new CloseStatus(4001, "we end \u20ac");
    private static final CloseStatus THEIRS = new CloseStatus(4002, "they end \u20ac");
    private static final Table TABLE = new Table();

    /** Talks for a minute and more, beside all others. */
    private static @Nullable Article article;

    @BeforeAll
    static void beginsTheArticle() {
        article = Article.begin(TABLE);
    }

    @AfterAll
    static void tellsTheTable() throws Exception {
        TABLE.write(Path.of("target/interop.md"));
        System.out.println(TABLE.text());
    }

    static List<PeerServer> servers() {
        return List.of(
                new Scripts.Server("AutobahnPython", Wire.WS, Interpreter.AUTOBAHN, "autobahn_peer.py"),
                new Scripts.Server("Python websockets", Wire.WS, Interpreter.WEBSOCKETS, "websockets_peer.py"),
                new Scripts.Server("Python websockets", Wire.WSS, Interpreter.WEBSOCKETS, "websockets_peer.py"),
                new Scripts.Server("Node ws", Wire.WS, Interpreter.NODE_WS, "ws_peer.js"),
                new Scripts.Server("Node ws", Wire.WSS, Interpreter.NODE_WS, "ws_peer.js"),
                new JettyServer(),
                new TomcatServer(),
                new UndertowServer());
    }

    static List<PeerClient> clients() {
        return List.of(
                new Scripts.Client("AutobahnPython", Wire.WS, Interpreter.AUTOBAHN, "autobahn_peer.py"),
                new Scripts.Client("Python websockets", Wire.WS, Interpreter.WEBSOCKETS, "websockets_peer.py"),
                new Scripts.Client("Python websockets", Wire.WSS, Interpreter.WEBSOCKETS, "websockets_peer.py"),
                new Scripts.Client("Node ws", Wire.WS, Interpreter.NODE_WS, "ws_peer.js"),
                new Scripts.Client("Node ws", Wire.WSS, Interpreter.NODE_WS, "ws_peer.js"),
                new JdkClient(Wire.WS),
                new JdkClient(Wire.WSS),
                new JavaWebSocketClient(),
                new OkHttpPeer(Wire.WS),
                new OkHttpPeer(Wire.WSS),
                new TyrusClient(),
                new ChromiumClient());
    }

    @Test
    @Order(2)
    void ourClientHoldsAMinuteWithTheArticlesServerAndComesBack() throws Exception {
        Objects.requireNonNull(article).awaitTheirServer();
    }

    @Test
    @Order(2)
    void ourServerHoldsAMinuteWithTheArticlesClientWhichComesBack() throws Exception {
        Objects.requireNonNull(article).awaitTheirClient();
    }

    @ParameterizedTest
    @Order(1)
    @MethodSource("servers")
    void ourClientConversesWithEveryServer(PeerServer peer) throws Exception {
        TABLE.play(peer, "our client, its server", row -> {
            try (Opened opened = new Opened()) {
                int port = peer.start(0);
                RecordingListener heard = new RecordingListener();
                EverwireClient.Builder builder =
                        EverwireClient.to(ConnectRequest.to(peer.wire().url(port))
                                .withSubprotocols(Orders.OFFERED.toArray(String[]::new)));
                if (peer.wire() == Wire.WSS) {
                    builder.tls(Wire.clientTls());
                }
                Session session = opened.connect(builder, heard);
                heard.await(Ready.class);
                Conversation conversation = new Conversation(session, heard, peer, row);
                conversation.check();

                session.trySend(Message.text(Orders.CLOSE + THEIRS.code() + " " + THEIRS.reason()));
                Failure closed = heard.await(Lost.class).cause();
                assertThat(closed.kind()).isEqualTo(Failure.Kind.CLOSED_BY_PEER);
                assertThat(closed.closeStatus()).isEqualTo(THEIRS);
                assertThat(peer.nextEnd().code()).isEqualTo(THEIRS.code());
                row.holds("its close");

                heard.await(Ready.class, 2);
                peer.kill();
                heard.await(Lost.class, 2);
                peer.start(port);
                heard.await(Ready.class, 3);
                assertThat(conversation.ask("back")).isEqualTo("back");
                row.holds("killed and started again");

                peer.forgetEnds();
                session.close(OURS);
                assertThat(Patience.of(session.closed()).isClean()).isTrue();
                assertThat(peer.nextEnd()).isEqualTo(OURS);
                row.holds("our close");
            }
        });
    }

    @ParameterizedTest
    @Order(1)
    @MethodSource("clients")
    void ourServerConversesWithEveryClient(PeerClient peer) throws Exception {
        TABLE.play(peer, "its client, our server", row -> {
            try (Opened opened = new Opened()) {
                Doorkeeper doorkeeper = new Doorkeeper();
                EverwireServer.Builder builder = EverwireServer.builder()
                        .origins(peer.origins())
                        .listen("/", handshake -> doorkeeper.next(), null, Orders.SUBPROTOCOL);
                if (peer.wire() == Wire.WSS) {
                    builder.tls(Wire.serverTls());
                }
                EverwireServer server = opened.serve(builder);
                FaultProxy proxy = opened.proxy(server);

                peer.dial(peer.wire().url(server.port()));
                RecordingListener heard = doorkeeper.arrival();
                Session session = heard.session();
                Conversation conversation = new Conversation(session, heard, peer, row);
                conversation.check();
                session.trySend(Message.text(Orders.CLOSE + THEIRS.code() + " " + THEIRS.reason()));
                Closed closed = heard.await(Closed.class);
                assertThat(closed.status()).isEqualTo(THEIRS);
                assertThat(closed.isClean()).isTrue();
                assertThat(peer.nextEnd().code()).isEqualTo(THEIRS.code());
                row.holds("its close");

                peer.dial(peer.wire().url(server.port()));
                RecordingListener second = doorkeeper.arrival();
                second.session().close(OURS);
                assertThat(second.await(Closed.class).isClean()).isTrue();
                assertThat(peer.nextEnd()).isEqualTo(OURS);
                row.holds("our close");

                peer.dial(peer.wire().url(proxy.port()));
                RecordingListener third = doorkeeper.arrival();
                assertThat(new Conversation(third.session(), third, peer, row).ask("here"))
                        .isEqualTo("here");
                proxy.apply(new Reset());
                assertThat(peer.nextEnd().code()).isEqualTo(1006);
                assertThat(third.await(Closed.class).isClean()).isFalse();
                row.holds("a drop noticed");

                if (peer.can(Peer.Skill.DIE)) {
                    peer.dial(peer.wire().url(server.port()));
                    RecordingListener fourth = doorkeeper.arrival();
                    assertThat(new Conversation(fourth.session(), fourth, peer, row).ask("here"))
                            .isEqualTo("here");
                    peer.kill();
                    assertThat(fourth.await(Closed.class).isClean()).isFalse();
                    row.holds("killed");
                }
            }
        });
    }

    @Test
    @Order(1)
    void keepsThePageOfAnotherOriginOutAndLetsAnAllowedOneIn() throws Exception {
        ChromiumClient browser = new ChromiumClient();
        TABLE.play(browser, "its page, our server's origins", row -> {
            try (Opened opened = new Opened()) {
                int pages = browser.serve();
                Doorkeeper strict = new Doorkeeper();
                EverwireServer sameHost = opened.serve(
                        EverwireServer.builder().listen("/", handshake -> strict.next(), null, Orders.SUBPROTOCOL));
                Doorkeeper lenient = new Doorkeeper();
                EverwireServer listed = opened.serve(EverwireServer.builder()
                        .origins(OriginPolicy.allow("http://localhost:" + pages))
                        .listen("/", handshake -> lenient.next(), null, Orders.SUBPROTOCOL));

                browser.dial("localhost", Opened.url(sameHost.port()));
                assertThat(browser.nextEnd().code()).isEqualTo(1006);
                row.holds("a page of another origin is refused");

                browser.dial("localhost", Opened.url(listed.port()));
                RecordingListener heard = lenient.arrival();
                assertThat(new Conversation(heard.session(), heard, browser, row).ask("here"))
                        .isEqualTo("here");
                assertThat(strict.isEmpty()).isTrue();
                row.holds("a page of a listed origin is let in");
            }
        });
    }
}
