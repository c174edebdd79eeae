package io.everwire.verification.endurance;

import io.everwire.Backoff;
import io.everwire.ConnectRequest;
import io.everwire.Delivery;
import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.SendOptions;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import io.everwire.transport.EventLoops;
import io.everwire.verification.conversation.Patience;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One client, its listener on the server, and the messages that both send each other. */
final class Traffic {
    private static final int USUAL_BYTES = 200;
    private static final int LARGEST_BYTES = 64 << 10;

    final Ledger up;
    final Ledger down;
    private final Random random;
    private final Session client;
    private volatile @Nullable Session serverSession;

    /**
     * Opens the session.
     *
     * @param number of this client, which is its path on the server, too
     * @param port where the way to the server begins
     */
    Traffic(int number, int port, long seed, LivenessPolicy liveness, Duration connectTimeout, EventLoops loops) {
        up = new Ledger("up " + number);
        down = new Ledger("down " + number);
        random = new Random(seed + number);
        ConnectRequest request = ConnectRequest.to("ws://127.0.0.1:" + port + path(number));
        // A home of its own, so that the budget of the host, which is shared otherwise, does not make it wait.
        ConnectRequest home = ConnectRequest.to("ws://127.0.0.1:" + (1 + number) + "/");
        client = EverwireClient.to(home, attempt -> CompletableFuture.completedFuture(request))
                .liveness(liveness)
                .reconnect(ReconnectPolicy.DEFAULT
                        .withBackoff(number % 2 == 0 ? Backoff.AUTO : Backoff.fixed(Duration.ofMillis(100)))
                        .withTimeouts(connectTimeout, Duration.ofSeconds(10))
                        .withBudgets(100_000, 100_000))
                .eventLoops(loops)
                .listen(new SessionListener() {
                    @Override
                    public void onMessage(Session session, Message message) {
                        down.receive(session.epoch(), numberOf(message));
                    }
                });
    }

    static String path(int number) {
        return "/" + number;
    }

    /** What listens on the server's side. */
    SessionListener listener() {
        return new SessionListener() {
            @Override
            public void onEvent(Session session, SessionEvent event) {
                if (event instanceof SessionEvent.Ready) {
                    serverSession = session;
                }
            }

            @Override
            public void onMessage(Session session, Message message) {
                up.receive(session, numberOf(message));
            }
        };
    }

    /** Sends a message each way; called by one thread. */
    void tick() {
        int number = up.next();
        SendOptions options = random.nextInt(10) == 0
                ? SendOptions.DEFAULT.withTimeToLive(Duration.ofSeconds(1))
                : SendOptions.DEFAULT;
        note(up, number, client.send(message(number), options));
        Session current = serverSession;
        if (current != null) {
            int next = down.next();
            note(down, next, current.send(message(next)));
        }
    }

    private static void note(Ledger ledger, int number, CompletionStage<Delivery> stage) {
        stage.thenAccept(delivery -> ledger.settle(number, delivery));
    }

    private Message message(int number) {
        int bytes = random.nextInt(random.nextInt(50) == 0 ? LARGEST_BYTES : USUAL_BYTES);
        return Message.text(number + " " + "x".repeat(bytes));
    }

    private static int numberOf(Message message) {
        String text = message.text();
        return Integer.parseInt(text.substring(0, text.indexOf(' ')));
    }

    /** What was sent up to now, to ask later whether something newer was confirmed. */
    record Mark(int up, int down) {}

    Mark mark() {
        return new Mark(up.sent(), down.sent());
    }

    /** Tells whether messages that were sent after the mark have been confirmed in both directions. */
    boolean isThroughSince(Mark mark) {
        return up.isConfirmedSince(mark.up()) && down.isConfirmedSince(mark.down());
    }

    /** How many connections there were. */
    int epochs() {
        return client.epoch();
    }

    String explain() {
        return client.explain();
    }

    void close() {
        client.close();
        Patience.of(client.closed());
    }
}
