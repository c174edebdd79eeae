package io.everwire.transport;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.ReconnectPolicy;
import io.everwire.RequestSupplier;
import io.everwire.ResumePolicy;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.SessionState;
import io.everwire.session.Engine;
import io.everwire.session.Reconnect;
import io.everwire.session.ReconnectOutput;
import io.everwire.session.UpgradeStep;
import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's session: the driver of {@link Reconnect}. It does what the engine says and tells it what came of it; it decides
 * nothing itself.
 */
public final class ClientSession extends BaseSession {
    private static final Logger LOG = LoggerFactory.getLogger(ClientSession.class);

    private final @Nullable ClientResumption resumption;
    private final RequestSupplier supplier;
    private final Dialer dialer;
    private final @Nullable Move move;
    private final Runnable networkChanged = this::handleNetworkChange;
    private final Reconnect engine;
    private volatile SessionState state = SessionState.IDLE;
    private volatile int lastEpoch;
    /** The attempt whose request the supplier was asked for and has not answered, 0 for none. */
    private long asked;

    private java.util.concurrent.@Nullable Future<?> deadline;
    private long armedNanos = Engine.NO_DEADLINE;
    private boolean isDraining;

    /**
     * What a client gives its session.
     *
     * @param supplier URL, headers and subprotocols, anew for each upgrade
     * @param share what the session shares with others to its host
     * @param listener takes messages and events; for a pulled session only {@code onReady} and events
     * @param isPulled whether the application reads with {@code receive} instead of being called
     * @param executor where callbacks run; null for the event loop
     * @param wire what lies between the client and its servers
     * @param resume how sessions are kept over lost connections; null for plain ones
     */
    public record Config(
            RequestSupplier supplier,
            HostShare share,
            ReconnectPolicy reconnect,
            LivenessPolicy liveness,
            Limits limits,
            SessionListener listener,
            boolean isPulled,
            @Nullable Executor executor,
            EventLoops loops,
            Wire wire,
            @Nullable ResumePolicy resume) {}

    private ClientSession(Config config) {
        super(Terms.of(config), config.listener());
        supplier = config.supplier();
        dialer = new Dialer(this, config.wire(), new Dialed());
        ResumePolicy kept = config.resume();
        resumption = kept == null ? null : new ClientResumption(this, kept);
        move = resumption == null
                ? null
                : new Move(
                        this,
                        resumption,
                        dialer,
                        config.reconnect().connectTimeout().toNanos());
        engine = new Reconnect(
                config.reconnect(),
                limits().closeTimeout(),
                config.share().budget(),
                ThreadLocalRandom.current()::nextDouble,
                RealClock.nanos());
    }

    /** Makes a session and starts its first attempt. */
    public static ClientSession start(Config config) {
        ClientSession session = new ClientSession(config);
        session.register();
        session.onLoop(() -> session.input(now -> session.engine.start(now)));
        return session;
    }

    @Override
    public SessionState state() {
        return state;
    }

    @Override
    public @Nullable String sessionId() {
        return resumption == null ? null : resumption.sessionId();
    }

    @Override
    boolean isKept() {
        return sessionId() != null;
    }

    @Override
    int lastEpoch() {
        return lastEpoch;
    }

    @Override
    public void reconnectNow() {
        onLoop(() -> input(engine::reconnectNow));
    }

    @Override
    void closeOnLoop(CloseStatus status) {
        if (resumption != null && move != null) {
            move.giveUp();
            resumption.endWith(status);
        }
        input(now -> engine.close(status, now));
    }

    /** Ends a session that was started on closed event loops, or outlived them: no engine will do it. */
    @Override
    void handleLoopEnded() {
        if (state != SessionState.CLOSED) {
            state = SessionState.CLOSED;
            Failure failure = Failure.of(
                    Failure.Kind.CLOSED_BY_US,
                    "the session's event loops are closed; give it open ones, and close them after it");
            CloseStatus status = new CloseStatus(CloseCode.ABNORMAL, "the event loops are closed");
            handleEvent(new SessionEvent.Closed(lastEpoch, status, false, failure));
        }
    }

    private void handleNetworkChange() {
        onLoop(() -> input(engine::handleNetworkChange));
    }

    /** An input of the engine, given the time. */
    interface Input {
        void at(long nowNanos);
    }

    /** Gives the engine an input, then does what it says, then arms its deadline. */
    void input(Input input) {
        input.at(RealClock.nanos());
        settle();
    }

    private void settle() {
        if (isDraining) {
            return;
        }
        isDraining = true;
        try {
            for (ReconnectOutput output = engine.poll(); output != null; output = engine.poll()) {
                publish();
                execute(output);
            }
        } finally {
            isDraining = false;
            publish();
            armDeadline();
        }
    }

    private void publish() {
        SessionState now = engine.state();
        if (now != state) {
            state = now;
            boolean isDisconnected = now == SessionState.WAITING || now == SessionState.CONNECTING;
            if (isDisconnected) {
                NetworkWatch.SHARED.add(networkChanged);
            } else {
                NetworkWatch.SHARED.remove(networkChanged);
            }
        }
    }

    private void armDeadline() {
        long due = engine.deadlineNanos();
        if (due == armedNanos) {
            return;
        }
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
        armedNanos = due;
        if (due != Engine.NO_DEADLINE) {
            deadline =
                    loop().schedule(this::handleDeadline, Math.max(0, due - RealClock.nanos()), TimeUnit.NANOSECONDS);
        }
    }

    private void handleDeadline() {
        armedNanos = Engine.NO_DEADLINE;
        input(engine::handleDeadline);
    }

    private void execute(ReconnectOutput output) {
        LOG.trace("{} {}", id(), output);
        if (output instanceof ReconnectOutput.Tell tell) {
            SessionEvent event = resumption == null ? tell.event() : resumption.translate(tell.event());
            if (event != null) {
                handleEvent(event);
            }
        } else if (output instanceof ReconnectOutput.Request ask) {
            askSupplier(ask.attempt());
        } else if (output instanceof ReconnectOutput.Probe probe) {
            recorder().addDial();
            dialer.probe(probe.probe(), probe.rotation());
        } else if (output instanceof ReconnectOutput.Cancel cancel) {
            dialer.cancel(cancel.probe());
        } else if (output instanceof ReconnectOutput.Upgrade upgrade) {
            dialer.upgrade(upgrade.probe());
        } else if (output instanceof ReconnectOutput.Prepare prepare) {
            if (resumption == null || !resumption.awaitsVerdict()) {
                startPreparing(prepare.epoch());
            }
        } else if (output instanceof ReconnectOutput.OpenQueue) {
            openQueue();
        } else if (output instanceof ReconnectOutput.Drop drop) {
            if (resumption != null && drop.failure().kind() == Failure.Kind.READY_TIMEOUT) {
                resumption.giveUpPreparing();
            }
            withConnection(drop.epoch(), connection -> connection.abort(drop.failure()));
        } else if (output instanceof ReconnectOutput.CloseConnection close) {
            withConnection(close.epoch(), connection -> connection.close(close.status()));
        }
    }

    /** Runs {@code onReady}: for this connection, or for the session that is to be resumed, whatever carries it in the end. */
    void startPreparing(int epoch) {
        long ticket = resumption == null ? ClientResumption.NO_TICKET : resumption.beginPreparing();
        Connection connection = connection();
        if (connection != null) {
            SessionListener.DirectSender direct = directSender(connection);
            callbacks().run(() -> prepare(epoch, ticket, direct));
        }
    }

    /** Goes on where the session was: there is nothing to prepare. */
    void handleResumed(int epoch) {
        input(now -> engine.handleReady(epoch, now));
    }

    private void handleReady(int epoch, long ticket) {
        if (resumption == null || ticket == ClientResumption.NO_TICKET) {
            input(now -> engine.handleReady(epoch, now));
        } else if (resumption.handlePrepared(ticket)) {
            input(now -> engine.handleReady(engine.epoch(), now));
        }
    }

    private void handleEvent(SessionEvent event) {
        if (event instanceof SessionEvent.Closed closed) {
            NetworkWatch.SHARED.remove(networkChanged);
            dialer.cancel(Move.NUMBER);
            dialer.close();
            end(closed);
        } else {
            tell(event);
        }
    }

    private void withConnection(int epoch, Consumer<Connection> action) {
        Connection connection = connection();
        if (connection != null && connection.epoch == epoch) {
            action.accept(connection);
        }
    }

    private void askSupplier(RequestSupplier.Attempt attempt) {
        asked = attempt.number();
        try {
            supplier.request(attempt)
                    .whenComplete((supplied, error) -> onLoop(() -> handleSupplied(attempt.number(), supplied, error)));
        } catch (Throwable e) {
            // An Error and a missing stage, too: whatever escapes here would leave the engine waiting for ever.
            onLoop(() -> handleSupplied(attempt.number(), null, e));
        }
    }

    /** Takes an answer of the supplier; one that comes when a newer attempt was asked for, or twice, is ignored. */
    private void handleSupplied(long attempt, @Nullable ConnectRequest supplied, @Nullable Throwable error) {
        if (attempt != asked) {
            return;
        }
        asked = 0;
        if (supplied == null) {
            handleSupplierFailed(error);
        } else {
            dialer.use(supplied);
            input(engine::handleRequest);
        }
    }

    private void handleSupplierFailed(@Nullable Throwable error) {
        String what = error == null ? "it supplied nothing" : error.toString();
        Failure failure = Failure.of(Failure.Kind.CREDENTIALS, "the request supplier failed: " + what);
        input(now -> engine.handleRequestFailed(failure, now));
    }

    /** Does what dialing has come to; a number of its own is a move's. */
    private final class Dialed implements Dialer.Outcome {
        @Override
        public void connected(long number) {
            if (number == Move.NUMBER) {
                dialer.upgrade(number);
            } else {
                input(now -> engine.handleProbeConnected(number, now));
            }
        }

        @Override
        public void probeFailed(long number, Failure failure) {
            if (number == Move.NUMBER && move != null) {
                move.handleFailed(failure);
            } else {
                recorder().addDialFailed(failure);
                input(now -> engine.handleProbeFailed(number, failure, now));
            }
        }

        @Override
        public void reached(long number, UpgradeStep step) {
            engine.handleUpgradeStep(number, step);
        }

        @Override
        public List<String> subprotocols(ConnectRequest wanted) {
            return resumption == null ? wanted.subprotocols() : resumption.offer(wanted);
        }

        @Override
        public @Nullable Connection upgraded(long number, Channel channel, Handshake handshake) {
            return handleUpgraded(number, channel, handshake);
        }

        @Override
        public void upgradeFailed(long number, Failure failure) {
            if (number == Move.NUMBER && move != null) {
                move.handleFailed(failure);
            } else {
                recorder().addDialFailed(failure);
                input(now -> engine.handleUpgradeFailed(number, failure, now));
            }
        }

        @Override
        public void redirected(long number) {
            if (number == Move.NUMBER && move != null) {
                move.handleFailed(Failure.of(Failure.Kind.HTTP_STATUS, "the server redirects a client that moves"));
            } else {
                input(now -> engine.handleRedirected(number, now));
            }
        }
    }

    /** Moves the session to a new connection, where {@code url} says, before the present one is given up. */
    void move(@Nullable String url) {
        if (move != null) {
            move.begin(url);
        }
    }

    private @Nullable Connection handleUpgraded(long number, Channel channel, Handshake handshake) {
        int before = engine.epoch();
        if (number == Move.NUMBER && move != null) {
            move.handleUpgraded();
            engine.handleMoved(handshake, RealClock.nanos());
        } else {
            engine.handleUpgraded(number, handshake, RealClock.nanos());
        }
        Connection fresh = null;
        if (engine.epoch() != before) {
            lastEpoch = engine.epoch();
            boolean isKept = resumption != null && resumption.isAgreedOn(handshake);
            fresh = new Connection(lastEpoch, channel, handshake, this, isKept);
            attach(fresh);
            if (resumption != null) {
                resumption.handleUpgraded(fresh);
            }
            channel.pipeline().addLast(fresh);
        }
        settle();
        return fresh;
    }

    private void prepare(int epoch, long ticket, SessionListener.DirectSender direct) {
        if (ticket == ClientResumption.NO_TICKET && epoch != epoch()) {
            return;
        }
        try {
            AtomicBoolean isSending = new AtomicBoolean();
            CompletionStage<?> ready = listener.onReady(this, message -> {
                isSending.set(true);
                return direct.send(message);
            });
            if (loop().inEventLoop() && isDone(ready) && !isSending.get()) {
                // At once, so that what the peer sent along with its upgrade finds an open queue for the answer; but
                // never before what was sent past the queue, which waits for its turn of the event loop.
                handleReady(epoch, ticket);
                return;
            }
            ready.whenComplete((ignored, error) -> loop().execute(() -> {
                if (error == null) {
                    handleReady(epoch, ticket);
                } else {
                    handleReadyFailed(epoch, ticket, error);
                }
            }));
        } catch (Throwable e) {
            // An Error, too: whatever escapes here would leave the callbacks and the engine waiting for ever.
            loop().execute(() -> handleReadyFailed(epoch, ticket, e));
        }
    }

    private static boolean isDone(CompletionStage<?> stage) {
        return stage instanceof CompletableFuture<?> future && future.isDone() && !future.isCompletedExceptionally();
    }

    private void handleReadyFailed(int epoch, long ticket, Throwable error) {
        boolean isOfSession = ticket != ClientResumption.NO_TICKET;
        if (isOfSession && resumption != null && !resumption.handleUnprepared(ticket)) {
            return;
        }
        Throwable cause = error.getCause() != null ? error.getCause() : error;
        Failure failure = Failure.of(Failure.Kind.READY, "onReady failed: " + cause);
        input(now -> engine.handleReadyFailed(isOfSession ? engine.epoch() : epoch, failure, now));
    }

    @Override
    void handleEnd(Connection connection, Connection.Ending ending) {
        boolean isPresent = connection == connection();
        if (isPresent && move != null && move.holds(ending.failure(), () -> lose(connection, ending))) {
            detach(connection, ending.failure().message());
        } else {
            lose(connection, ending);
        }
    }

    private void lose(Connection connection, Connection.Ending ending) {
        if (resumption != null && resumption.hasMoved(connection)) {
            engine.handleProven(connection.epoch);
        }
        Failure failure = resumption == null ? ending.failure() : resumption.handleEnd(connection, ending);
        detach(connection, ending.failure().message());
        if (resumption != null && resumption.isOver()) {
            input(now -> engine.end(ending.status(), ending.isClean(), failure));
            return;
        }
        input(now -> engine.handleLost(
                connection.epoch,
                failure,
                ending.status(),
                ending.isClean(),
                ending.silentNanos(),
                ending.unknownSends(),
                now));
    }

    @Override
    boolean endsWithListener() {
        return false;
    }

    @Override
    String afterListenerFailure() {
        return "goes on";
    }

    @Override
    void handleListenerFailed() {
        // A client keeps its connection: the next message may be handled well, and coming back would meet the same one
        // again.
    }
}
