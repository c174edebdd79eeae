package io.everwire.verification.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Limits;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.verification.conversation.Echo;
import io.everwire.verification.conversation.Frame;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RawPeer;
import io.everwire.verification.conversation.RawServer;
import io.everwire.verification.conversation.RecordingListener;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** Which of our endpoints a hostile peer attacks. Both have the defaults of whoever configures nothing. */
enum Victim {
    SERVER {
        @Override
        int closeCodeAfter(Attack attack, Opened opened, Limits limits) throws Exception {
            Echo echo = new Echo();
            EverwireServer server =
                    opened.serve(EverwireServer.builder().limits(limits).listen("/", echo));
            int code;
            try (RawPeer witness = RawPeer.open(server.port())) {
                try (RawPeer peer = RawPeer.open(server.port())) {
                    begin(attack, peer);
                    code = peer.read(Frame.CLOSE).closeCode();
                }
                assertThat(echo.await(SessionEvent.Closed.class).status().code())
                        .isEqualTo(code);
                witness.write(Frame.text("unmoved"));
                assertThat(witness.read(Frame.TEXT).text()).isEqualTo("unmoved");
            }
            assertServes(server);
            Patience.until("nobody is left", () -> server.sessions().isEmpty());
            return code;
        }
    },
    CLIENT {
        @Override
        int closeCodeAfter(Attack attack, Opened opened, Limits limits) throws Exception {
            CompletableFuture<Frame> close = new CompletableFuture<>();
            RawServer server = opened.add(new RawServer((peer, number) -> {
                peer.upgrade();
                begin(attack, peer);
                close.complete(peer.read(Frame.CLOSE));
                peer.readAll();
            }));
            Session session = opened.connect(
                    EverwireClient.to(server.url()).limits(limits).reconnect(ReconnectPolicy.never()),
                    new RecordingListener());
            SessionEvent.Closed closed = Patience.of(session.closed());
            int code = Patience.of(close).closeCode();
            assertThat(closed.status().code()).isEqualTo(code);
            return code;
        }
    };

    /** What a hostile peer writes after the opening handshake. */
    interface Attack {
        void run(RawPeer peer) throws IOException;
    }

    /** Lets the attack run against this endpoint; returns the code that the endpoint closes with. */
    abstract int closeCodeAfter(Attack attack, Opened opened, Limits limits) throws Exception;

    int closeCodeAfter(Attack attack, Opened opened) throws Exception {
        return closeCodeAfter(attack, opened, Limits.DEFAULT);
    }

    /** Whoever writes is not who reads: an attack goes on while the answer is awaited. */
    static Thread begin(Attack attack, RawPeer peer) {
        Thread thread = new Thread(
                () -> {
                    try {
                        attack.run(peer);
                    } catch (IOException e) {
                        // Hung up on, which is what the test is about.
                        return;
                    }
                },
                "attack");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Asserts that a well-behaved client is served. */
    static void assertServes(EverwireServer server) throws IOException {
        try (RawPeer second = RawPeer.open(server.port())) {
            second.write(Frame.text("second"));
            assertThat(second.read(Frame.TEXT).text()).isEqualTo("second");
        }
    }
}
