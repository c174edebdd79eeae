package io.everwire.transport;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.SessionState;
import io.everwire.protocol.Role;
import io.netty.channel.Channel;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A session of a server: it begins with an upgraded connection and ends with it. */
public final class ServerSession extends BaseSession {
    private final Consumer<ServerSession> whenEnded;
    private volatile SessionState state = SessionState.READYING;
    private @Nullable CloseStatus closeAsked;

    /**
     * What a server gives its sessions.
     *
     * @param listener takes messages and events; for a pulled session only {@code onReady} and events
     * @param isPulled whether the application reads with {@code receive} instead of being called
     * @param executor where callbacks run; null for the event loop
     */
    public record Config(
            Limits limits,
            LivenessPolicy liveness,
            SessionListener listener,
            boolean isPulled,
            @Nullable Executor executor) {}

    ServerSession(Config config, EventLoops loops, Channel channel, Consumer<ServerSession> whenEnded) {
        super(new Parts(
                "s",
                loops,
                channel.eventLoop(),
                config.limits(),
                config.liveness(),
                config.listener(),
                config.isPulled(),
                config.executor()));
        this.whenEnded = whenEnded;
    }

    /** Begins the session on its upgraded channel and returns the channel's new handler. */
    Connection begin(Channel channel, Handshake handshake) {
        Connection connection = new Connection(1, Role.SERVER, channel, wheel, handshake, limits, livenessPolicy, this);
        attach(connection);
        register();
        return connection;
    }

    /** Tells the application; called when the handler is in place. */
    void start(Connection connection) {
        tell(new SessionEvent.Open(connection.epoch, connection.handshake));
        callbacks.run(() -> prepare(connection));
    }

    private void prepare(Connection connection) {
        Future<?> late = loop.schedule(
                () -> handleLate(connection), limits.readyTimeout().toNanos(), TimeUnit.NANOSECONDS);
        try {
            // Always a task of its own: the direct sends are tasks of this event loop already, and come first.
            listener.onReady(this, directSender(connection))
                    .whenComplete((ignored, error) -> onLoop(() -> {
                        late.cancel(false);
                        if (error == null) {
                            handleReady(connection);
                        } else {
                            handleUnready(connection, "onReady failed");
                        }
                    }));
        } catch (Throwable e) {
            late.cancel(false);
            handleListenerFailure("onReady", e);
        }
    }

    private void handleReady(Connection connection) {
        if (state == SessionState.READYING && connection() == connection && connection.isOpen()) {
            state = SessionState.OPEN;
            openQueue();
            tell(new SessionEvent.Ready(connection.epoch));
        }
    }

    private void handleLate(Connection connection) {
        handleUnready(
                connection,
                "onReady did not complete within " + limits.readyTimeout().toMillis() + " ms");
    }

    private void handleUnready(Connection connection, String reason) {
        if (state == SessionState.READYING && connection() == connection) {
            connection.close(new CloseStatus(CloseCode.INTERNAL_ERROR, reason));
        }
    }

    @Override
    public SessionState state() {
        return state;
    }

    @Override
    int lastEpoch() {
        return 1;
    }

    @Override
    public void reconnectNow() {
        // A server's session has no way back; its client comes again by itself.
    }

    @Override
    void closeOnLoop(CloseStatus status) {
        Connection connection = connection();
        if (closeAsked == null && connection != null && state != SessionState.CLOSED) {
            closeAsked = status;
            state = SessionState.CLOSING;
            connection.close(status);
        }
    }

    @Override
    boolean endsWithListener() {
        return true;
    }

    @Override
    String afterListenerFailure() {
        return "is closed with 1011";
    }

    @Override
    void handleListenerFailed() {
        closeOnLoop(new CloseStatus(CloseCode.INTERNAL_ERROR, "the application failed"));
    }

    @Override
    void handleEnd(Connection connection, Connection.Ending ending) {
        if (state == SessionState.CLOSED) {
            return;
        }
        state = SessionState.CLOSED;
        detach(connection, ending.failure().message());
        whenEnded.accept(this);
        end(new SessionEvent.Closed(connection.epoch, ending.status(), ending.isClean(), ending.failure()));
    }
}
