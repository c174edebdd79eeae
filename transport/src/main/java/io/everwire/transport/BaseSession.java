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
import io.everwire.SendRejectedException;
import io.everwire.Session;
import io.everwire.SessionClosedException;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.SessionState;
import io.everwire.session.Liveness;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
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
public abstract class BaseSession implements Session, Connection.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(BaseSession.class);
    private static final AtomicLong COUNT = new AtomicLong();
    private static final Duration LONGEST_WAIT = Duration.ofDays(365);
    private static final String CLOSED = "the session is closed";

    final EventLoop loop;
    final Wheel wheel;
    final Limits limits;
    final LivenessPolicy livenessPolicy;
    final SendQueue queue;
    final Callbacks callbacks;
    final SessionListener listener;
    private final boolean isPulled;
    private final String id;
    private final Inbox inbox;
    private final FlightRecorder recorder = new FlightRecorder();
    private final BorrowedView view = new BorrowedView();
    private final ConcurrentMap<String, Object> attributes = new ConcurrentHashMap<>();
    private final CompletableFuture<SessionEvent.Closed> closed = new CompletableFuture<>();
    private final ArrayDeque<Send> unconfirmed = new ArrayDeque<>();
    private final ArrayDeque<Send> direct = new ArrayDeque<>();
    private final AtomicBoolean isPumpScheduled = new AtomicBoolean();
    private final AtomicLong rejected = new AtomicLong();
    private final Runnable pump = this::pump;
    private volatile @Nullable Connection connection;
    private volatile @Nullable Handshake handshake;
    private volatile @Nullable LivenessReport lastReport;
    private volatile boolean isPaused;
    private boolean isQueueOpen;
    private boolean isInsideRead;

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
        queue = new SendQueue(limits);
        inbox = new Inbox(limits.readAheadBytes());
        callbacks = new Callbacks(parts.executor());
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
        Send send = sendOf(message, options, delivery);
        String refusal = offer(send);
        if (refusal != null) {
            delivery.complete(Delivery.notSent(refusal));
        }
        return delivery.minimalCompletionStage();
    }

    private static Send sendOf(Message message, SendOptions options, @Nullable CompletableFuture<Delivery> delivery) {
        Duration life = options.timeToLive();
        long expires = life == null ? Send.NEVER : RealClock.nanos() + nanosOf(life);
        return new Send(message.isText(), Unpooled.wrappedBuffer(message.bytes()), delivery, options.key(), expires);
    }

    /** Queues the message and wakes the writing side; returns why not, null when it was taken. */
    private @Nullable String offer(Send send) {
        String refusal = send.length > limits.messageBytes() ? tooLarge(send.length) : null;
        if (refusal == null) {
            SendQueue.Offer offer = queue.offer(send);
            refusal = offer.refusal();
            Send replaced = offer.replaced();
            if (replaced != null) {
                replaced.release();
                settle(replaced, Delivery.notSent(Delivery.REPLACED));
            }
        }
        if (refusal != null) {
            rejected.incrementAndGet();
            send.release();
            return refusal;
        }
        if (send.expiresNanos != Send.NEVER) {
            loop.schedule(this::expireSends, send.expiresNanos - RealClock.nanos(), TimeUnit.NANOSECONDS);
        }
        schedulePump();
        return null;
    }

    private String tooLarge(int length) {
        return "the message has " + length + " bytes; the limit is " + limits.messageBytes()
                + " (Limits.messageBytes); send it in parts or raise the limit at both ends";
    }

    @Override
    public final boolean trySend(Message message) {
        return offer(sendOf(message, SendOptions.DEFAULT, null)) == null;
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
                && isQueueOpen
                && direct.isEmpty()
                && payload.readableBytes() <= limits.messageBytes()
                && queue.isEmpty()
                && current.writeNow(view.isText(), payload)) {
            schedulePumpUnlessReading();
            return true;
        }
        ByteBuf copy = payload.alloc().buffer(Math.max(1, payload.readableBytes()));
        copy.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
        return offer(new Send(view.isText(), copy, null, null, Send.NEVER)) == null;
    }

    /** Queues a message that was encoded for many recipients; returns false when it was not taken. */
    public final boolean trySend(EncodedMessage encoded) {
        return offer(new Send(encoded)) == null;
    }

    @Override
    public final CompletionStage<Delivery> awaitSend(Message message, Duration timeout) throws InterruptedException {
        EventLoops.requireBlockable("awaitSend");
        CompletableFuture<Delivery> delivery = new CompletableFuture<>();
        Send send = sendOf(message, SendOptions.DEFAULT, delivery);
        if (send.length > limits.messageBytes()) {
            delivery.complete(Delivery.notSent(tooLarge(send.length)));
            return delivery.minimalCompletionStage();
        }
        if (!queue.awaitOffer(send, nanosOf(timeout))) {
            rejected.incrementAndGet();
            if (state() == SessionState.CLOSED || state() == SessionState.CLOSING) {
                throw new SessionClosedException(CLOSED + "; nothing can be sent");
            }
            throw new SendRejectedException("no room in the outbound queue for " + timeout.toMillis() + " ms ("
                    + queue.bytes() + " bytes queued, the limit is " + limits.queuedBytes() + ")");
        }
        schedulePump();
        return delivery.minimalCompletionStage();
    }

    private static long nanosOf(Duration duration) {
        return (duration.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : duration).toNanos();
    }

    @Override
    public final @Nullable Message receive(Duration timeout) throws InterruptedException {
        EventLoops.requireBlockable("receive");
        if (!isPulled) {
            throw new IllegalStateException("this session pushes its messages to its listener; open one without a listener");
        }
        Message message = inbox.await(nanosOf(timeout));
        readAgain();
        if (message == null && inbox.isExhausted()) {
            throw new SessionClosedException(CLOSED + " and every received message was taken");
        }
        return message;
    }

    @Override
    public final Iterator<Message> iterator() {
        return new ReceivedMessages(this);
    }

    private void readAgain() {
        if (inbox.mayReadAgain()) {
            loop.execute(() -> {
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
        loop.execute(() -> callbacks.run(this::deliverWaiting));
    }

    @Override
    public final long queuedBytes() {
        return queue.bytes();
    }

    @Override
    public final long rejectedSends() {
        return rejected.get();
    }

    @Override
    public final void close(CloseStatus status) {
        if (!CloseCode.isSendable(status.code())) {
            throw new IllegalArgumentException("close code " + status.code()
                    + " may not be sent (RFC 6455 section 7.4); use 1000 or 3000 to 4999");
        }
        queue.refuse(CLOSED);
        loop.execute(() -> closeOnLoop(status));
    }

    abstract void closeOnLoop(CloseStatus status);

    @Override
    public final CompletionStage<SessionEvent.Closed> closed() {
        return closed.minimalCompletionStage();
    }

    @Override
    public final String explain() {
        return recorder.explain("session " + id + ": " + state() + ", epoch " + epoch() + ", " + queue.bytes()
                + " bytes queued, " + rejected.get() + " sends refused");
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
        isQueueOpen = false;
    }

    /** Lets queued messages flow. */
    final void openQueue() {
        isQueueOpen = true;
        schedulePump();
    }

    /** Forgets the connection and settles what was written on it. A message handed over in part only is put back. */
    final void detach(Connection ended, String reason) {
        if (ended != connection) {
            return;
        }
        lastReport = ended.report();
        connection = null;
        isQueueOpen = false;
        for (Send send = unconfirmed.pollFirst(); send != null; send = unconfirmed.pollFirst()) {
            settle(send, Delivery.unknown(reason));
        }
        Send unfinished = ended.takeUnfinished();
        if (unfinished != null && !unfinished.isDirect) {
            queue.putBack(unfinished);
        } else if (unfinished != null) {
            drop(unfinished, reason);
        }
        for (Send send = direct.pollFirst(); send != null; send = direct.pollFirst()) {
            drop(send, reason);
        }
    }

    private void drop(Send send, String reason) {
        queue.release(send.cost(), 1);
        send.release();
        settle(send, Delivery.notSent(reason));
    }

    private void schedulePump() {
        if (isPumpScheduled.compareAndSet(false, true)) {
            loop.execute(pump);
        }
    }

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

    private void expireSends() {
        List<Send> expired = queue.takeExpired(RealClock.nanos());
        for (Send send : expired) {
            drop(send, Delivery.EXPIRED);
        }
    }

    /** Prepares the application's direct sender for one connection. */
    final SessionListener.DirectSender directSender(Connection target) {
        return message -> {
            CompletableFuture<Delivery> delivery = new CompletableFuture<>();
            Send send = sendOf(message, SendOptions.DEFAULT, delivery);
            send.isDirect = true;
            loop.execute(() -> sendDirect(target, send));
            return delivery.minimalCompletionStage();
        };
    }

    private void sendDirect(Connection target, Send send) {
        String refusal = send.length > limits.messageBytes() ? tooLarge(send.length) : null;
        if (refusal == null && target != connection) {
            refusal = "the connection is gone";
        }
        refusal = refusal == null ? queue.charge(send) : refusal;
        if (refusal != null) {
            send.release();
            settle(send, Delivery.notSent(refusal));
            return;
        }
        direct.addLast(send);
        target.pump();
    }

    static void settle(Send send, Delivery delivery) {
        if (send.delivery != null) {
            send.delivery.complete(delivery);
        }
    }

    // ---- Connection.Owner ----

    @Override
    public final @Nullable Send pollSend(Connection from) {
        if (from != connection) {
            return null;
        }
        Send first = direct.pollFirst();
        if (first != null || !isQueueOpen) {
            return first;
        }
        for (Send send = queue.poll(); send != null; send = queue.poll()) {
            if (!SendQueue.hasExpired(send, RealClock.nanos())) {
                return send;
            }
            drop(send, Delivery.EXPIRED);
        }
        return null;
    }

    @Override
    public final void handleWritten(long bytes, int messages) {
        if (messages > 0 && queue.release(bytes, messages) && !isPulled) {
            callbacks.run(() -> guarded("onWritable", () -> listener.onWritable(this)));
        }
    }

    @Override
    public final void handleHanded(Send send) {
        if (send.delivery != null) {
            unconfirmed.addLast(send);
        }
    }

    @Override
    public final void handleConfirmed(long number) {
        for (Send send = unconfirmed.peekFirst(); send != null && send.number <= number; send = unconfirmed.peekFirst()) {
            unconfirmed.pollFirst();
            settle(send, Delivery.CONFIRMED);
        }
    }

    @Override
    public final void handleMessage(Connection from, boolean isText, ByteBuf payload) {
        if (from != connection) {
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
        for (Message message = isPaused ? null : inbox.poll(); message != null; message = isPaused ? null : inbox.poll()) {
            kept.lend(message);
            guarded("onView", () -> listener.onView(this, kept));
            kept.takeBack();
            readAgain();
        }
    }

    @Override
    public final void handleLiveness(Connection from, Liveness.Action action, LivenessReport report) {
        if (from == connection) {
            Duration silence = report.lastHeard();
            tell(
                    action == Liveness.Action.SUSPECT
                            ? new SessionEvent.Suspect(from.epoch, silence)
                            : new SessionEvent.Alive(from.epoch, silence));
        }
    }

    @Override
    public final void handleDeath(Connection from, Liveness.Death death) {
        if (from == connection) {
            Duration silence = Duration.ofNanos(death.silentNanos());
            tell(new SessionEvent.Dead(from.epoch, silence, death.reason(), death.grace(), death.message()));
        }
    }

    // ---- the application ----

    /** Records the event and tells it to the application. */
    final void tell(SessionEvent event) {
        recorder.add(event);
        LOG.debug("{} {}", id, event);
        callbacks.run(() -> guarded("onEvent", () -> listener.onEvent(this, event)));
    }

    /** Ends the session: what is queued is settled, what was received is delivered, then nothing follows. */
    final void end(SessionEvent.Closed event) {
        List<Send> left = queue.close(CLOSED);
        for (Send send : left) {
            drop(send, CLOSED);
        }
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

    private void handleListenerFailure(String callback, Throwable error) {
        LOG.error("{} of session {} threw; the session {}", callback, id, afterListenerFailure(), error);
        loop.execute(() -> {
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
}
