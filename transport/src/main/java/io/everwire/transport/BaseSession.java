package io.everwire.transport;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Delivery;
import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.LivenessReport;
import io.everwire.Message;
import io.everwire.MessageView;
import io.everwire.SendOptions;
import io.everwire.Session;
import io.everwire.SessionClosedException;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.session.Liveness;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the sessions of both ends share: the outbound queue, the settling of sends, delivery to the application, and the events.
 *
 * <p><b>Thread safety.</b> Public methods from any thread; everything else on the session's event loop. Commands reach the event
 * loop as tasks, so that application code inside a callback never runs inside an engine.
 */
public abstract class BaseSession extends Connection.Owner implements Session {
    private static final Logger LOG = LoggerFactory.getLogger(BaseSession.class);
    private static final AtomicLong COUNT = new AtomicLong();

    final EventLoops loops;
    final EventLoop loop;
    final Wheel wheel;
    final Limits limits;
    final LivenessPolicy livenessPolicy;
    final Outbox outbox;
    final Callbacks callbacks;
    final SessionListener listener;
    private final boolean isPulled;
    private final String id;
    private final Inbox inbox;
    final FlightRecorder recorder = new FlightRecorder();
    private final BorrowedView view = new BorrowedView();
    private final ConcurrentMap<String, Object> attributes = new ConcurrentHashMap<>();
    private final CompletableFuture<SessionEvent.Closed> closed = new CompletableFuture<>();
    private final AtomicBoolean isPumpScheduled = new AtomicBoolean();
    private final Runnable pump = this::pump;
    private volatile @Nullable Connection connection;
    private volatile @Nullable Handshake handshake;
    private volatile @Nullable LivenessReport lastReport;
    private volatile boolean isPaused;
    private boolean isInsideRead;
    private volatile boolean isBroken;

    /** What both kinds of session are made of. */
    record Parts(
            String prefix,
            EventLoops loops,
            EventLoop loop,
            Limits limits,
            LivenessPolicy liveness,
            SessionListener listener,
            boolean isPulled,
            @Nullable Executor executor) {}

    BaseSession(Parts parts) {
        loop = parts.loop();
        wheel = parts.loops().wheelOf(loop);
        limits = parts.limits();
        livenessPolicy = parts.liveness();
        listener = parts.listener();
        isPulled = parts.isPulled();
        id = parts.prefix() + Long.toString(COUNT.incrementAndGet(), 36);
        outbox = new Outbox(loop, limits, this::tellWritable);
        inbox = new Inbox(limits.readAheadBytes());
        callbacks = new Callbacks(parts.executor());
        loops = parts.loops();
    }

    /** Makes the session known to its event loops; called when it is complete. */
    final void register() {
        loops.add(this);
    }

    @Override
    public final String id() {
        return id;
    }

    @Override
    public final int epoch() {
        Connection current = connection;
        return current == null ? lastEpoch() : current.epoch;
    }

    abstract int lastEpoch();

    @Override
    public final @Nullable Handshake handshake() {
        return handshake;
    }

    @Override
    public final @Nullable LivenessReport liveness() {
        Connection current = connection;
        // Read without waiting for the event loop: each number is whole, and together they are at most one turn apart.
        if (current != null) {
            lastReport = current.report();
        }
        return lastReport;
    }

    @Override
    public final ConcurrentMap<String, Object> attributes() {
        return attributes;
    }

    @Override
    public final CompletionStage<Delivery> send(Message message, SendOptions options) {
        CompletableFuture<Delivery> delivery = new CompletableFuture<>();
        if (outbox.offer(Outbox.sendOf(message, options, delivery))) {
            schedulePump();
        }
        return delivery.minimalCompletionStage();
    }

    @Override
    public final boolean trySend(Message message) {
        return taken(Outbox.sendOf(message, SendOptions.DEFAULT, null));
    }

    @Override
    public final boolean trySend(MessageView borrowed) {
        if (!(borrowed instanceof BorrowedView view)) {
            return trySend(borrowed.toMessage());
        }
        ByteBuf payload = view.payload();
        Connection current = connection;
        if (loop.inEventLoop()
                && current != null
                && payload.readableBytes() <= limits.messageBytes()
                && outbox.isFree()
                && current.writeNow(view.isText(), payload)) {
            schedulePumpUnlessReading();
            return true;
        }
        ByteBuf copy = payload.alloc().buffer(Math.max(1, payload.readableBytes()));
        copy.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
        return taken(new Send(view.isText(), copy, null, null, Send.NEVER));
    }

    /** Queues a message that was encoded for many recipients; returns false when it was not taken. */
    public final boolean trySend(EncodedMessage encoded) {
        return taken(new Send(encoded));
    }

    private boolean taken(Send send) {
        boolean isTaken = outbox.offer(send);
        if (isTaken) {
            schedulePump();
        }
        return isTaken;
    }

    @Override
    public final CompletionStage<Delivery> awaitSend(Message message, Duration timeout) throws InterruptedException {
        EventLoops.requireBlockable("awaitSend");
        CompletableFuture<Delivery> delivery = new CompletableFuture<>();
        outbox.awaitOffer(Outbox.sendOf(message, SendOptions.DEFAULT, delivery), timeout);
        schedulePump();
        return delivery.minimalCompletionStage();
    }

    @Override
    public final @Nullable Message receive(Duration timeout) throws InterruptedException {
        EventLoops.requireBlockable("receive");
        if (!isPulled) {
            throw new IllegalStateException(
                    "this session pushes its messages to its listener; open one without a listener");
        }
        Message message = inbox.await(Outbox.nanosOf(timeout));
        readAgain();
        if (message == null && inbox.isExhausted()) {
            throw new SessionClosedException(Outbox.CLOSED + " and every received message was taken");
        }
        return message;
    }

    @Override
    public final Iterator<Message> iterator() {
        return new ReceivedMessages(this);
    }

    private void readAgain() {
        if (inbox.mayReadAgain()) {
            onLoop(() -> {
                Connection current = connection;
                if (current != null) {
                    current.startReading();
                }
            });
        }
    }

    @Override
    public final void pause() {
        isPaused = true;
    }

    @Override
    public final void resume() {
        isPaused = false;
        onLoop(() -> callbacks.run(this::deliverWaiting));
    }

    @Override
    public final long queuedBytes() {
        return outbox.queuedBytes();
    }

    @Override
    public final long rejectedSends() {
        return outbox.rejected();
    }

    @Override
    public final void close(CloseStatus status) {
        if (!CloseCode.isSendable(status.code())) {
            throw new IllegalArgumentException("close code " + status.code()
                    + " may not be sent (RFC 6455 section 7.4); use 1000 or 3000 to 4999");
        }
        outbox.refuseOffers();
        onLoop(() -> closeOnLoop(status));
    }

    abstract void closeOnLoop(CloseStatus status);

    @Override
    public final CompletionStage<SessionEvent.Closed> closed() {
        return closed.minimalCompletionStage();
    }

    @Override
    public final String explain() {
        return recorder.explain("session " + id + ": " + state() + ", epoch " + epoch() + ", " + outbox.queuedBytes()
                + " bytes queued, " + outbox.rejected() + " sends refused");
    }

    @Override
    public final String toString() {
        return "session " + id + " (" + state() + ", epoch " + epoch() + ")";
    }

    // ---- the current connection ----

    final @Nullable Connection connection() {
        return connection;
    }

    /** Takes over a new connection; its messages are delivered from now on. */
    final void attach(Connection fresh) {
        connection = fresh;
        handshake = fresh.handshake;
    }

    /** Lets queued messages flow. */
    final void openQueue() {
        outbox.open();
        schedulePump();
    }

    /** Forgets the connection and settles what was written on it. A message handed over in part only is put back. */
    final void detach(Connection ended, String reason) {
        if (ended != connection) {
            return;
        }
        lastReport = ended.report();
        connection = null;
        outbox.handleLost(ended.takeUnfinished(), reason);
    }

    private void schedulePump() {
        if (isPumpScheduled.compareAndSet(false, true)) {
            onLoop(pump);
        }
    }

    /** Runs a command on the event loop. Event loops that were closed under the session run nothing, but its sends settle. */
    final void onLoop(Runnable command) {
        try {
            loop.execute(command);
        } catch (RejectedExecutionException e) {
            LOG.debug("{} is commanded after its event loops were closed", id);
            outbox.close();
            inbox.end();
            loop.terminationFuture().addListener(ignored -> handleLoopEnded());
        }
    }

    /** Is told that nothing runs on the event loop any more, which the session may have outlived. */
    void handleLoopEnded() {}

    /** A borrowed view lives inside a read, whose end flushes; only a view of a kept message needs a turn of its own. */
    private void schedulePumpUnlessReading() {
        if (!isInsideRead) {
            schedulePump();
        }
    }

    private void pump() {
        isPumpScheduled.set(false);
        Connection current = connection;
        if (current != null) {
            current.pump();
        }
    }

    /** Prepares the application's direct sender for one connection. */
    final SessionListener.DirectSender directSender(Connection target) {
        return message -> {
            CompletableFuture<Delivery> delivery = new CompletableFuture<>();
            Send send = Outbox.sendOf(message, SendOptions.DEFAULT, delivery);
            onLoop(() -> sendDirect(target, send));
            return delivery.minimalCompletionStage();
        };
    }

    private void sendDirect(Connection target, Send send) {
        if (target != connection) {
            outbox.refuse(send, "the connection is gone");
        } else if (outbox.offerDirect(send)) {
            target.pump();
        }
    }

    // ---- Connection.Owner ----

    @Override
    final @Nullable Send pollSend(Connection from) {
        return from == connection ? outbox.poll() : null;
    }

    @Override
    final void handleWritten(long bytes, int messages) {
        outbox.handleWritten(bytes, messages);
    }

    private void tellWritable() {
        callbacks.run(() -> guarded("onWritable", () -> listener.onWritable(this)));
    }

    @Override
    final void handleHanded(Send send) {
        outbox.handleHanded(send);
    }

    @Override
    final void handleConfirmed(long number) {
        outbox.handleConfirmed(number);
    }

    @Override
    final void handleMessage(Connection from, boolean isText, ByteBuf payload) {
        if (from != connection || isBroken) {
            return;
        }
        if (!isPulled && !isPaused && callbacks.isDirect() && inbox.isEmpty()) {
            deliverBorrowed(isText, payload);
            return;
        }
        if (inbox.add(Message.copyOf(isText, payload.nioBuffer()))) {
            from.stopReading();
        }
        if (!isPulled) {
            callbacks.run(this::deliverWaiting);
        }
    }

    private void deliverBorrowed(boolean isText, ByteBuf payload) {
        callbacks.beginDirect();
        isInsideRead = true;
        view.lend(isText, payload);
        try {
            listener.onView(this, view);
        } catch (Throwable e) {
            handleListenerFailure("onView", e);
        } finally {
            view.takeBack();
            isInsideRead = false;
            callbacks.endDirect();
        }
    }

    private void deliverWaiting() {
        BorrowedView kept = new BorrowedView();
        for (Message message = next(); message != null; message = next()) {
            kept.lend(message);
            guarded("onView", () -> listener.onView(this, kept));
            kept.takeBack();
            readAgain();
        }
    }

    private @Nullable Message next() {
        return isPaused || isBroken ? null : inbox.poll();
    }

    @Override
    final void handleLiveness(Connection from, Liveness.Action action, LivenessReport report) {
        if (from == connection) {
            Duration silence = report.lastHeard();
            tell(
                    action == Liveness.Action.SUSPECT
                            ? new SessionEvent.Suspect(from.epoch, silence)
                            : new SessionEvent.Alive(from.epoch, silence));
        }
    }

    @Override
    final void handleDeath(Connection from, Liveness.Death death) {
        if (from == connection) {
            Duration silence = Duration.ofNanos(death.silentNanos());
            tell(new SessionEvent.Dead(from.epoch, silence, death.reason(), death.grace(), death.message()));
        }
    }

    // ---- the application ----

    /** Records the event and tells it to the application. */
    final void tell(SessionEvent event) {
        recorder.add(event);
        if (LOG.isDebugEnabled()) {
            LOG.debug("{} {}", id, Texts.printable(event.toString()));
        }
        callbacks.run(() -> guarded("onEvent", () -> listener.onEvent(this, event)));
    }

    /** Ends the session: what is queued is settled, what was received is delivered, then nothing follows. */
    final void end(SessionEvent.Closed event) {
        loops.remove(this);
        outbox.close();
        isPaused = false;
        if (!isPulled) {
            callbacks.run(this::deliverWaiting);
        }
        inbox.end();
        tell(event);
        callbacks.run(() -> {
            guarded("onClosed", () -> listener.onClosed(this, event));
            closed.complete(event);
        });
    }

    final void guarded(String callback, Runnable call) {
        try {
            call.run();
        } catch (Throwable e) {
            handleListenerFailure(callback, e);
        }
    }

    final void handleListenerFailure(String callback, Throwable error) {
        LOG.error("{} of session {} threw; the session {}", callback, id, afterListenerFailure(), error);
        // What the peer sent before it learns of the close is not thrown at a listener that failed.
        isBroken |= endsWithListener();
        if (closed.isDone() || "onClosed".equals(callback)) {
            return;
        }
        onLoop(() -> {
            SessionEvent event = new SessionEvent.ListenerFailed(epoch(), callback, error);
            recorder.add(event);
            if (!"onEvent".equals(callback)) {
                callbacks.run(() -> guarded("onEvent", () -> listener.onEvent(this, event)));
            }
            handleListenerFailed();
        });
    }

    /** Says what becomes of the session, for the log. */
    abstract String afterListenerFailure();

    abstract void handleListenerFailed();

    /** Tells whether a callback that throws ends the session. */
    abstract boolean endsWithListener();
}
