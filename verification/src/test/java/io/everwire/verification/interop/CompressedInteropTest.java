package io.everwire.verification.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CompressionPolicy;
import io.everwire.ConnectRequest;
import io.everwire.Session;
import io.everwire.SessionEvent.Closed;
import io.everwire.SessionEvent.Ready;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RecordingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The conversation of {@link InteropTest} with everybody who knows permessage-deflate, agreed on and in use. */
class CompressedInteropTest {
    private static final Table TABLE = new Table();

    private static final CompressionPolicy KEEPING = CompressionPolicy.DEFAULT.withContext(true, true);
    private static final List<CompressionPolicy> POLICIES =
            List.of(CompressionPolicy.DEFAULT, KEEPING, KEEPING.withWindowBits(9, 10));

    @AfterAll
    static void tellsTheTable() throws Exception {
        TABLE.write(Path.of("target/interop-compressed.md"));
        System.out.println(TABLE.text());
    }

    private static List<Arguments> withPolicies(List<Supplier<? extends Peer>> peers) {
        List<Arguments> all = new ArrayList<>();
        for (Supplier<? extends Peer> peer : peers) {
            for (CompressionPolicy policy : POLICIES) {
                all.add(Arguments.of(peer.get(), policy));
            }
        }
        return all;
    }

    static List<Arguments> servers() {
        return withPolicies(List.of(
                () -> new Scripts.Server("Python websockets", Wire.WS, Interpreter.WEBSOCKETS, "websockets_peer.py"),
                () -> new Scripts.Server("Node ws", Wire.WS, Interpreter.NODE_WS, "ws_peer.js"),
                JettyServer::new,
                TomcatServer::new));
    }

    static List<Arguments> clients() {
        return withPolicies(List.of(
                () -> new Scripts.Client("Python websockets", Wire.WS, Interpreter.WEBSOCKETS, "websockets_peer.py"),
                () -> new Scripts.Client("Node ws", Wire.WS, Interpreter.NODE_WS, "ws_peer.js"),
                () -> new OkHttpPeer(Wire.WS),
                ChromiumClient::new));
    }

    @ParameterizedTest
    @MethodSource("servers")
    void ourClientConversesCompressedWithEveryServer(PeerServer peer, CompressionPolicy policy) throws Exception {
        TABLE.play(peer, "our client, its server", row -> {
            try (Opened opened = new Opened()) {
                int port = peer.start(0);
                RecordingListener heard = new RecordingListener();
                Session session = opened.connect(
                        EverwireClient.to(ConnectRequest.to(peer.wire().url(port))
                                        .withSubprotocols(Orders.OFFERED.toArray(String[]::new)))
                                .compression(policy),
                        heard);
                heard.await(Ready.class);
                row.holds(agreed(session));
                new Conversation(session, heard, peer, row).check();
                session.close();
                assertThat(Patience.of(session.closed()).isClean()).isTrue();
                row.holds("our close");
            }
        });
    }

    @ParameterizedTest
    @MethodSource("clients")
    void ourServerConversesCompressedWithEveryClient(PeerClient peer, CompressionPolicy policy) throws Exception {
        TABLE.play(peer, "its client, our server", row -> {
            try (Opened opened = new Opened()) {
                Doorkeeper doorkeeper = new Doorkeeper();
                EverwireServer server = opened.serve(EverwireServer.builder()
                        .origins(peer.origins())
                        .compression(policy)
                        .listen("/", handshake -> doorkeeper.next(), null, Orders.SUBPROTOCOL));
                peer.dial(peer.wire().url(server.port()));
                RecordingListener heard = doorkeeper.arrival();
                Session session = heard.session();
                row.holds(agreed(session));
                new Conversation(session, heard, peer, row).check();
                session.close();
                assertThat(heard.await(Closed.class).isClean()).isTrue();
                row.holds("our close");
            }
        });
    }

    private static String agreed(Session session) {
        String extension = Objects.requireNonNull(
                Objects.requireNonNull(session.handshake()).extension(), "nothing was agreed on");
        assertThat(extension).startsWith("permessage-deflate");
        return "`" + extension + "`";
    }
}
