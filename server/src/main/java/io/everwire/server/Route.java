package io.everwire.server;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.CompressionPolicy;
import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.transport.ServerSession;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is served on one path. */
final class Route {
    private static final Logger LOG = LoggerFactory.getLogger(Route.class);

    private final Function<Handshake, SessionListener> listeners;
    private final boolean isPulled;
    private final @Nullable Executor executor;
    private final List<String> subprotocols;

    private Route(
            Function<Handshake, SessionListener> listeners,
            boolean isPulled,
            @Nullable Executor executor,
            List<String> subprotocols) {
        this.listeners = listeners;
        this.isPulled = isPulled;
        this.executor = executor;
        this.subprotocols = subprotocols;
    }

    static Route listening(
            Function<Handshake, SessionListener> listeners, @Nullable Executor executor, List<String> subprotocols) {
        return new Route(listeners, false, executor, subprotocols);
    }

    static Route blocking(SessionHandler handler, Executor threads, List<String> subprotocols) {
        return new Route(handshake -> new Starter(handler, threads), true, null, subprotocols);
    }

    /** Returns the first of the client's subprotocols that this path speaks, null for none. */
    @Nullable String choose(List<String> offered) {
        for (String subprotocol : offered) {
            if (subprotocols.contains(subprotocol)) {
                return subprotocol;
            }
        }
        return null;
    }

    ServerSession.Config config(
            Handshake handshake, Limits limits, LivenessPolicy liveness, @Nullable CompressionPolicy compression) {
        SessionListener listener =
                Objects.requireNonNull(listeners.apply(handshake), "the application made no listener for a session");
        return new ServerSession.Config(limits, liveness, compression, listener, isPulled, executor);
    }

    /** Starts the thread of a session in the blocking style when its queue is open, so that what it sends is sent. */
    private record Starter(SessionHandler handler, Executor threads) implements SessionListener {
        @Override
        public void onEvent(Session session, SessionEvent event) {
            if (event instanceof SessionEvent.Ready) {
                start(session);
            }
        }

        private void start(Session session) {
            try {
                threads.execute(() -> run(handler, session));
            } catch (RuntimeException e) {
                LOG.error("the executor of session {} refused it; it is closed with 1013", session.id(), e);
                session.close(new CloseStatus(CloseCode.TRY_AGAIN_LATER, "the server has no thread for this session"));
            }
        }
    }

    private static void run(SessionHandler handler, Session session) {
        try {
            handler.handle(session);
            session.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            session.close(new CloseStatus(CloseCode.GOING_AWAY, "the server stops"));
        } catch (Throwable e) {
            LOG.error("the handler of session {} threw; the session is closed with 1011", session.id(), e);
            session.close(new CloseStatus(CloseCode.INTERNAL_ERROR, "the application failed"));
        }
    }
}
