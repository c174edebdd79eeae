package io.everwire.cli;

import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A few conversations of a server with itself, on a port of its own, before it listens: a JVM that has just started takes a third
 * of a second for its first opening handshake, and meanwhile the peers that came first would seem to be heard later than they
 * spoke.
 */
final class Rehearsal {
    private static final int CONVERSATIONS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private Rehearsal() {}

    static void play(LivenessPolicy liveness) throws InterruptedException {
        try (EverwireServer server = EverwireServer.builder()
                .liveness(liveness)
                .listen("/", new EchoListener((session, event) -> {}))
                .start()) {
            for (int i = 0; i < CONVERSATIONS; i++) {
                Session session = EverwireClient.to("ws://127.0.0.1:" + server.port() + "/")
                        .open();
                session.trySend(Message.text("rehearsal"));
                session.receive(PATIENCE);
                session.close();
                session.closed()
                        .toCompletableFuture()
                        .completeOnTimeout(null, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                        .join();
            }
        }
    }
}
