package io.everwire.verification.endurance;

import io.everwire.Backoff;
import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.ConnectRequest;
import io.everwire.Delivery;
import io.everwire.Limits;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.RequestSupplier;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.transport.EventLoops;
import io.everwire.verification.conversation.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that are thrown out again and again in every way there is, until so many attempts were made; then all rest, connected,
 * until they are sent on.
 *
 * <p>Four of five sessions live all the time; they meet a close with 1012, a reset, a refusal by 503, and a server that accepts
 * and closes, in turn. The fifth closes after each conversation and a new session, which dials a name, takes its place.
 *
 * <p>Each session shares a host's budget with none, for its home differs; its own budgets are raised. So a session may dial as
 * often as the shortest delay allows.
 */
final class Cycles implements AutoCloseable {
    private static final CloseStatus RESTART = new CloseStatus(CloseCode.SERVICE_RESTART, "again");
    private static final Duration SHORTEST_DELAY = Duration.ofMillis(50);
    private static final ReconnectPolicy BRISK = ReconnectPolicy.DEFAULT
            .withTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(20))
            .withBackoff(Backoff.fixed(SHORTEST_DELAY))
            .withBudgets(100_000, 100_000);
    /** A closed connection is forgotten soon, so that what is measured afterwards does not hold it. */
    private static final Limits LIMITS =
            Limits.DEFAULT.withTimeouts(Duration.ofSeconds(20), Duration.ofMillis(500), Duration.ofSeconds(30));

    private static final String REST = "rest";

    private final EventLoops loops = EventLoops.create(2);
    private final RudeServer closing = new RudeServer(RudeServer.Manner.CLOSE_AT_ONCE);
    private final RudeServer refusing = new RudeServer(RudeServer.Manner.ANSWER_503);
    private final RudeServer resetting = new RudeServer(RudeServer.Manner.RESET_AFTER_UPGRADE);
    private final EverwireServer server = EverwireServer.builder()
            .limits(LIMITS)
            .eventLoops(loops)
            .listen("/", new Restarting())
            .start();
    private final List<Visitor> visitors = new ArrayList<>();
    private final AtomicLong attempts = new AtomicLong();
    private final AtomicLong target = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong settled = new AtomicLong();
    private volatile boolean isOver;

    Cycles(int sessions) {
        for (int i = 0; i < sessions; i++) {
            visitors.add(new Visitor(i));
        }
    }

    /** Goes on until so many attempts were made in all; returns when every session is connected and rests. */
    void runUntil(long total) {
        target.set(total);
        visitors.forEach(visitor -> visitor.isResting = false);
        if (attempts.get() == 0) {
            visitors.forEach(Visitor::start);
        } else {
            server.sessions().forEach(session -> session.close(RESTART));
        }
        Patience.until(
                "all sessions rest",
                Duration.ofHours(2),
                () -> visitors.stream().allMatch(visitor -> visitor.isResting));
        Patience.until("every send is settled", () -> settled.get() == sent.get());
        Patience.until(
                "the server has one connection a session",
                () -> server.sessions().size() == visitors.size());
    }

    long attempts() {
        return attempts.get();
    }

    @Override
    public void close() {
        isOver = true;
        for (Visitor visitor : visitors) {
            Session last = visitor.session;
            if (last != null) {
                last.close();
                Patience.of(last.closed());
            }
        }
        server.close();
        Patience.of(server.stopped());
        closing.close();
        refusing.close();
        resetting.close();
        // Whoever still holds these cycles must not hold sessions.
        visitors.clear();
        loops.close();
        Patience.of(loops.terminated());
    }

    /** Throws everybody out who says anything but that he rests. */
    private static final class Restarting implements SessionListener {
        @Override
        public void onMessage(Session session, Message message) {
            if (!message.text().equals(REST)) {
                session.close(RESTART);
            }
        }
    }

    /** One place, taken by one session after the other if it is a fresh one. */
    private final class Visitor implements SessionListener, RequestSupplier {
        private final boolean isFresh;
        private final ConnectRequest home;
        private volatile @Nullable Session session;
        private volatile boolean isResting;
        private volatile boolean isToRest;
        private int turn;

        Visitor(int number) {
            isFresh = number % 5 == 4;
            home = ConnectRequest.to("ws://127.0.0.1:" + (1 + number) + "/");
            turn = number;
        }

        void start() {
            session = EverwireClient.to(home, this)
                    .reconnect(BRISK)
                    .limits(LIMITS)
                    .eventLoops(loops)
                    .listen(this);
        }

        @Override
        public CompletionStage<ConnectRequest> request(Attempt attempt) {
            isToRest = attempts.get() >= target.get();
            if (isToRest) {
                return to("127.0.0.1", server.port());
            }
            attempts.incrementAndGet();
            if (isFresh) {
                return to("localhost", server.port());
            }
            return switch (turn++ % 4) {
                case 0 -> to("127.0.0.1", server.port());
                case 1 -> to("127.0.0.1", resetting.port());
                case 2 -> to("127.0.0.1", refusing.port());
                default -> to("127.0.0.1", closing.port());
            };
        }

        private static CompletionStage<ConnectRequest> to(String host, int port) {
            return CompletableFuture.completedFuture(ConnectRequest.to("ws://" + host + ":" + port + "/"));
        }

        @Override
        public void onEvent(Session current, SessionEvent event) {
            if (event instanceof SessionEvent.Ready) {
                sent.incrementAndGet();
                current.send(isFresh || isToRest ? REST : "out").thenAccept(delivery -> {
                    settled.incrementAndGet();
                    handleDelivery(current, delivery);
                });
            }
        }

        private void handleDelivery(Session current, Delivery delivery) {
            if (isToRest) {
                isResting = delivery.isConfirmed();
            } else if (isFresh) {
                current.close();
            }
        }

        @Override
        public void onClosed(Session ended, SessionEvent.Closed closed) {
            if (!isOver) {
                start();
            }
        }
    }
}
