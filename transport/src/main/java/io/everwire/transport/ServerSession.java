package io.everwire.transport;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.CompressionPolicy;
import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.SessionState;
import io.everwire.session.resume.Control;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A session of a server. It begins with an upgraded connection, and ends with it unless its client has offered {@code everwire.v1}: then
 * it is kept without a connection for a while.
 */
public final class ServerSession extends BaseSession {
    private static final SessionState[] STATES = SessionState.values();

    /** The ordinal of a {@link SessionState}: a reference would cost each of very many sessions eight bytes. */
    private volatile byte state = code(SessionState.READYING);

    /**
     * What a server gives its sessions.
     *
     * @param compression how messages are compressed where the handshake agreed on it; null for not at all
     * @param listener takes messages and events; for a pulled session only {@code onReady} and events
     * @param isPulled whether the application reads with {@code receive} instead of being called
     * @param executor where callbacks run; null for the event loop
     */
    public record Config(
            Limits limits,
            LivenessPolicy liveness,
            @Nullable CompressionPolicy compression,
            SessionListener listener,
            boolean isPulled,
            @Nullable Executor executor) {}

    /** Makes a session that ends with its connection. */
    ServerSession(Config config, EventLoops loops, EventLoop loop, Admission.Entry entry) {
        super(loops.commonsOf(loop).termsOf(config, loops, entry), config.listener());
    }

    /** Makes one that can be resumed; on its event loop. */
    ServerSession(Config config, EventLoops loops, Lodger lodger, SessionHouse house, Admission.Entry entry) {
        super(loops.commonsOf(lodger.loop).termsOf(config, loops, entry), config.listener());
        useLink(new ServerResumption(this, lodger, house).link());
        register();
    }

    /** Begins the session on its upgraded channel and returns the channel's new handler. */
    Connection begin(Channel channel, Handshake handshake) {
        Connection connection = connect(channel, handshake, 1);
        attach(connection);
        register();
        return connection;
    }

    private Connection connect(Channel channel, Handshake handshake, int epoch) {
        return new Connection(epoch, channel, handshake, this, link() != null);
    }

    /** Tells the application; called when the handler is in place. */
    void start(Connection connection) {
        tell(new SessionEvent.Open(connection.epoch, connection.handshake()));
        startPreparing(connection);
    }

    // ---- a session that can be resumed ----

    /** Returns what makes the session outlive its connections; null for one that ends with its connection. */
    private @Nullable ServerResumption resumptionIfAny() {
        ResumeLink link = link();
        return link == null ? null : (ServerResumption) link.host();
    }

    private ServerResumption resumption() {
        ServerResumption resumption = resumptionIfAny();
        if (resumption == null) {
            throw new AssertionError("this session ends with its connection");
        }
        return resumption;
    }

    /** Takes an upgraded channel, which the engine knows by this number, and returns its new handler. */
    Connection carry(Channel channel, Handshake handshake, long number) {
        Connection connection = connect(channel, handshake, Math.toIntExact(number));
        resumption().take(number, connection);
        return connection;
    }

    /** Writes the hello and what follows it, with all that was written to the channel before; called when the handler is in place. */
    void handleCarried(Connection connection) {
        resumption().settle();
        connection.pump();
        resumption().retireIfLate();
    }

    /** Does what the engine says. */
    void settleLink() {
        resumption().settle();
    }

    /** Ends the session, or what this process has of it, without a word to the client; see {@link SessionHouse#close}. */
    void stop(CloseStatus status) {
        ServerResumption resumption = resumptionIfAny();
        if (resumption == null) {
            close(status);
        } else {
            onLoop(() -> resumption.retire(status));
        }
    }

    /**
     * Asks the client of a session that can be resumed to move; any other session is left alone.
     *
     * @param window within which it leaves, at a moment of its own
     * @param url where to, null for where it is
     */
    public void move(Duration window, @Nullable String url) {
        Control.Move asked = ask(window, url);
        ServerResumption resumption = resumptionIfAny();
        if (resumption != null) {
            onLoop(() -> resumption.move(asked));
        }
    }

    /**
     * As {@link #move}, for somebody who waits until the client has left.
     *
     * @return completes when the connection of this moment has ended, or is not the session's any more; never for a session that cannot
     *     be resumed
     */
    CompletionStage<?> moveAway(Duration window, String url) {
        CompletableFuture<Void> left = new CompletableFuture<>();
        Control.Move asked = ask(window, url);
        ServerResumption resumption = resumptionIfAny();
        if (resumption != null) {
            onLoop(() -> resumption.moveAway(asked, left));
        }
        return left;
    }

    private static Control.Move ask(Duration window, @Nullable String url) {
        return new Control.Move(0, window.toMillis(), url);
    }

    /**
     * Checks what a client may be asked.
     *
     * @throws IllegalArgumentException when the window or the URL is longer than a message can say
     */
    public static void checkMove(Duration window, @Nullable String url) {
        ask(window, url);
    }

    /** Tells whether the session can be resumed. */
    @Override
    public boolean isKept() {
        return link() != null;
    }

    @Override
    public @Nullable String sessionId() {
        // It has the name of its engine for all of its life.
        ResumeLink link = link();
        return link == null ? null : link.name();
    }

    /**
     * Lets the connection go: a session that can be resumed waits for its client, another one ends.
     *
     * @return completes when the connection has ended
     */
    public CompletionStage<?> leave(CloseStatus status) {
        ServerResumption resumption = resumptionIfAny();
        if (resumption == null) {
            close(status);
            return closed();
        }
        CompletableFuture<Void> left = new CompletableFuture<>();
        onLoop(() -> resumption.leave(status, left));
        return left;
    }

    @SuppressWarnings("EnumOrdinal") // It never leaves this object.
    private static byte code(SessionState state) {
        return (byte) state.ordinal();
    }

    void transitionTo(SessionState next) {
        state = code(next);
    }

    // ---- onReady ----

    /** Runs {@code onReady}. */
    void startPreparing(Connection connection) {
        callbacks().run(() -> prepare(connection));
    }

    private void prepare(Connection connection) {
        Future<?> late = loop().schedule(
                        () -> handleLate(connection), limits().readyTimeout().toNanos(), TimeUnit.NANOSECONDS);
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
            onLoop(() -> handleUnready(connection, "the application failed"));
        }
    }

    private void handleReady(Connection connection) {
        ServerResumption resumption = resumptionIfAny();
        if (resumption != null) {
            resumption.handlePrepared();
        } else if (state() == SessionState.READYING && connection() == connection && connection.isOpen()) {
            transitionTo(SessionState.OPEN);
            openQueue();
            tell(new SessionEvent.Ready(connection.epoch));
        }
    }

    private void handleLate(Connection connection) {
        handleUnready(
                connection,
                "onReady did not complete within " + limits().readyTimeout().toMillis() + " ms");
    }

    private void handleUnready(Connection connection, String reason) {
        CloseStatus status = new CloseStatus(CloseCode.INTERNAL_ERROR, reason);
        ServerResumption resumption = resumptionIfAny();
        if (resumption != null) {
            if (!resumption.isPrepared()) {
                // Nobody would ever prepare it again: what is resumed is not prepared.
                closeOnLoop(status);
            }
        } else if (state() == SessionState.READYING && connection() == connection) {
            connection.close(status);
        }
    }

    @Override
    public SessionState state() {
        return STATES[state];
    }

    @Override
    int lastEpoch() {
        ServerResumption resumption = resumptionIfAny();
        return resumption == null ? 1 : resumption.lastEpoch();
    }

    @Override
    public void reconnectNow() {
        // A server's session has no way back; its client comes again by itself.
    }

    @Override
    void closeOnLoop(CloseStatus status) {
        ServerResumption resumption = resumptionIfAny();
        Connection connection = connection();
        if (state() == SessionState.CLOSED) {
            return;
        }
        if (resumption != null) {
            resumption.close(status);
        } else if (connection != null && state() != SessionState.CLOSING) {
            transitionTo(SessionState.CLOSING);
            connection.close(status);
        }
    }

    /** In a session that can be resumed a message whose listener throws counts as handled: it would be thrown at it for ever. */
    @Override
    boolean endsWithListener() {
        return resumptionIfAny() == null;
    }

    @Override
    String afterListenerFailure() {
        return endsWithListener() ? "is closed with 1011" : "goes on, and the message counts as handled";
    }

    @Override
    void handleListenerFailed() {
        if (endsWithListener()) {
            closeOnLoop(new CloseStatus(CloseCode.INTERNAL_ERROR, "the application failed"));
        }
    }

    @Override
    void handleEnd(Connection connection, Connection.Ending ending) {
        ServerResumption resumption = resumptionIfAny();
        if (state() == SessionState.CLOSED) {
            return;
        }
        if (resumption != null) {
            resumption.handleEnd(connection, ending);
            return;
        }
        detach(connection, ending.failure().message());
        finish(new SessionEvent.Closed(connection.epoch, ending.status(), ending.isClean(), ending.failure()));
    }

    /** Ends the session for good. */
    void finish(SessionEvent.Closed event) {
        transitionTo(SessionState.CLOSED);
        terms.entry.ended(this);
        end(event);
    }
}
