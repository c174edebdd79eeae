package io.everwire.transport;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Delivery;
import io.everwire.Handshake;
import io.everwire.LivenessReport;
import io.everwire.Message;
import io.everwire.MessageView;
import io.everwire.SendOptions;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.SessionState;
import io.everwire.session.Liveness;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
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
public abstract class BaseSession extends SessionParts implements Session {
    private static final Logger LOG = LoggerFactory.getLogger(BaseSession.class);
    private static final AtomicLong COUNT = new AtomicLong();
    private final long number;
    private @Nullable ResumeLink link;
    private volatile @Nullable Connection connection;

    BaseSession(Terms terms, SessionListener listener) {
        super(terms, listener);
        number = COUNT.incrementAndGet();
    }

    /** Makes the session known to its event loops; called when it is complete. */
    final void register() {
        terms.loops.add(this);
    }

    @Override
    public final String id() {
        return terms.prefix + Long.toString(number, 36);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // A session is the same as itself, and no other.
    public final boolean equals(@Nullable Object other) {
        return this == other;
    }

    /** Sessions that began one after the other lie beside each other in memory, and so in a hash set: whoever walks a big one is much quicker. */
    @Override
    public final int hashCode() {
        return Long.hashCode(number);
    }

    /** Tells whether the session outlives its connections, by what is known now. */
    abstract boolean isKept();

    final @Nullable ResumeLink link() {
        return link;
    }

    /** Gives the session what outlives its connections; before the first of them. */
    final void useLink(ResumeLink other) {
        link = other;
    }

    @Override
    public final int epoch() {
        Connection current = connection;
        return current == null ? lastEpoch() : current.epoch;
    }

    abstract int lastEpoch();

    @Override
    public final @Nullable Handshake handshake() {
        return shownHandshake();
    }

    @Override
    final @Nullable Handshake shownHandshake() {
        Connection current = connection;
        if (current != null) {
            return current.handshake();
        }
        Extras kept = extrasIfAny();
        return kept == null ? null : kept.lastHandshake();
    }

    @Override
    public final @Nullable LivenessReport liveness() {
        Connection current = connection;
        // Read without waiting for the event loop: each number is whole, and together they are at most one turn apart.
        if (current != null) {
            return current.report();
        }
        Extras kept = extrasIfAny();
        return kept == null ? null : kept.lastReport();
    }

    @Override
    public final ConcurrentMap<String, Object> attributes() {
        return extras().attributes();
    }

    @Override
    public final CompletionStage<Delivery> send(Message message, SendOptions options) {
        CompletableFuture<Delivery> delivery = new CompletableFuture<>();
        if (outbox().offer(Outbox.sendOf(message, options, delivery))) {
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
        if (terms.loop.inEventLoop() && payload.readableBytes() <= terms.limits.messageBytes() && isNothingBefore()) {
            Connection current = connection;
            ResumeLink kept = isKept() ? link : null;
            if (current != null
                    && (kept == null
                            ? current.writeNow(view.isText(), payload, false)
                            : kept.sendNow(current, view.isText(), payload))) {
                schedulePumpUnlessReading();
                return true;
            }
        }
        return taken(isKept() ? Send.kept(view.isText(), payload) : Send.copyOf(view.isText(), payload));
    }

    private boolean taken(Send send) {
        boolean isTaken = outbox().offer(send);
        if (isTaken) {
            schedulePump();
        }
        return isTaken;
    }

    @Override
    public final CompletionStage<Delivery> awaitSend(Message message, Duration timeout) throws InterruptedException {
        EventLoops.requireBlockable("awaitSend");
        CompletableFuture<Delivery> delivery = new CompletableFuture<>();
        outbox().awaitOffer(Outbox.sendOf(message, SendOptions.DEFAULT, delivery), timeout);
        schedulePump();
        return delivery.minimalCompletionStage();
    }

    @Override
    public final @Nullable Message receive(Duration timeout) throws InterruptedException {
        return reception().receive(timeout);
    }

    @Override
    public final Iterator<Message> iterator() {
        return new ReceivedMessages(this);
    }

    @Override
    public final void pause() {
        reception().pause();
    }

    @Override
    public final void resume() {
        Reception kept = receptionIfAny();
        if (kept != null) {
            kept.resume();
        }
    }

    @Override
    public final long queuedBytes() {
        Outbox kept = outboxIfAny();
        return kept == null ? 0 : kept.queuedBytes();
    }

    @Override
    public final long rejectedSends() {
        Outbox kept = outboxIfAny();
        return kept == null ? 0 : kept.rejected();
    }

    @Override
    public final void close(CloseStatus status) {
        if (!CloseCode.isSendable(status.code())) {
            throw new IllegalArgumentException("close code " + status.code()
                    + " may not be sent (RFC 6455 section 7.4); use 1000 or 3000 to 4999");
        }
        outbox().refuseOffers();
        Reception kept = receptionIfAny();
        if (kept != null) {
            kept.handBack();
        }
        onLoop(() -> closeOnLoop(status));
    }

    abstract void closeOnLoop(CloseStatus status);

    @Override
    public final CompletionStage<SessionEvent.Closed> closed() {
        return extras().closed().minimalCompletionStage();
    }

    @Override
    public final String explain() {
        return recorder()
                .explain("session " + id() + ": " + state() + ", epoch " + epoch() + ", " + queuedBytes()
                        + " bytes queued, " + rejectedSends() + " sends refused");
    }

    @Override
    public final String toString() {
        return "session " + id() + " (" + state() + ", epoch " + epoch() + ")";
    }

    // ---- the current connection ----

    final @Nullable Connection connection() {
        return connection;
    }

    /** Takes over a new connection; its messages are delivered from now on. */
    final void attach(Connection fresh) {
        connection = fresh;
    }

    @Override
    final boolean isEnded() {
        return state() == SessionState.CLOSED;
    }

    /** Lets queued messages flow. */
    final void openQueue() {
        openOutbox();
        if (outboxIfAny() != null || link != null) {
            schedulePump();
        }
    }

    /** Forgets the connection and settles what was written on it. A message handed over in part only is put back. */
    final void detach(Connection ended, String reason) {
        if (ended != connection) {
            return;
        }
        extras().keep(ended.report(), ended.handshake());
        connection = null;
        Send unfinished = ended.takeUnfinished();
        if (unfinished != null && unfinished.isTransmission()) {
            // The resumable session keeps what it is a writing of.
            unfinished.release();
            unfinished = null;
        }
        if (!isKept() || unfinished != null) {
            settleLost(unfinished, reason, true);
        }
    }

    final void schedulePump() {
        if (claimPump()) {
            Outbox kept = outboxIfAny();
            onLoop(kept == null ? this::pump : kept.pump());
        }
    }

    /** Runs a command on the event loop. Event loops that were closed under the session run nothing, but its sends settle. */
    final void onLoop(Runnable command) {
        try {
            terms.loop.execute(command);
        } catch (RejectedExecutionException e) {
            LOG.debug("{} is commanded after its event loops were closed", id());
            outbox().close();
            endWaiting();
            terms.loop.terminationFuture().addListener(ignored -> handleLoopEnded());
        }
    }

    private void endWaiting() {
        Reception kept = receptionIfAny();
        if (kept != null) {
            kept.endWaiting();
        }
    }

    /** Is told that nothing runs on the event loop any more, which the session may have outlived. */
    void handleLoopEnded() {}

    /** A borrowed view lives inside a read, whose end flushes; only a view of a kept message needs a turn of its own. */
    private void schedulePumpUnlessReading() {
        Reception kept = receptionIfAny();
        if (kept == null || !kept.isInsideRead()) {
            schedulePump();
        }
    }

    @Override
    final void pump() {
        releasePump();
        Connection current = connection;
        ResumeLink resumable = link;
        if (current != null) {
            current.pump();
        } else if (resumable != null) {
            resumable.admit();
            resumable.settle();
        }
    }

    /** Prepares the application's direct sender for one connection, or for the session that is to be resumed, whatever carries it. */
    final SessionListener.DirectSender directSender(Connection target) {
        String name = sessionId();
        return message -> {
            CompletableFuture<Delivery> delivery = new CompletableFuture<>();
            Send send = Outbox.sendOf(message, SendOptions.DEFAULT, delivery);
            onLoop(() -> sendDirect(target, name, send));
            return delivery.minimalCompletionStage();
        };
    }

    private void sendDirect(Connection target, @Nullable String name, Send send) {
        if (name == null ? target != connection : !name.equals(sessionId())) {
            outbox().refuse(send, name == null ? "the connection is gone" : "the session is gone");
        } else if (outbox().offerDirect(send)) {
            pump();
        }
    }

    // ---- ConnectionOwner ----

    @Override
    final @Nullable Send pollSend(Connection from) {
        if (from != connection) {
            return null;
        }
        ResumeLink resumable = link;
        if (resumable != null && resumable.isOf(from)) {
            return resumable.pollSend(from);
        }
        Outbox kept = outboxIfAny();
        return kept == null ? null : kept.poll();
    }

    @Override
    final void handleWritten(long bytes, int messages) {
        Outbox kept = outboxIfAny();
        if (kept != null) {
            kept.handleWritten(bytes, messages);
        }
    }

    @Override
    final void tellWritable() {
        callbacks().run(() -> guarded("onWritable", () -> listener.onWritable(this)));
    }

    @Override
    final void handleHanded(Send send) {
        if (!send.isTransmission()) {
            outbox().handleHanded(send);
        }
    }

    @Override
    final void handleConfirmed(long number) {
        Outbox kept = outboxIfAny();
        if (kept != null) {
            kept.handleConfirmed(number);
        }
    }

    @Override
    final void handleMessage(Connection from, boolean isText, ByteBuf payload) {
        if (from != connection) {
            return;
        }
        ResumeLink resumable = link;
        if (resumable != null && resumable.isOf(from)) {
            resumable.handleMessage(from, isText, payload);
        } else {
            reception().deliver(from, isText, payload, 0);
        }
    }

    @Override
    final void handleReadEnd(Connection from) {
        ResumeLink resumable = link;
        if (resumable != null && resumable.isOf(from)) {
            resumable.settle();
        }
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
        record(event);
        if (LOG.isDebugEnabled()) {
            LOG.debug("{} {}", id(), Texts.printable(event.toString()));
        }
        callbacks().run(() -> guarded("onEvent", () -> listener.onEvent(this, event)));
    }

    /** Ends the session: what is queued is settled, what was received is delivered, then nothing follows. */
    final void end(SessionEvent.Closed event) {
        terms.loops.remove(this);
        if (link != null) {
            link.end();
        }
        closeOutbox();
        Reception kept = receptionIfAny();
        if (kept != null) {
            kept.end();
        }
        tell(event);
        callbacks().run(() -> {
            guarded("onClosed", () -> listener.onClosed(this, event));
            extras().closed().complete(event);
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
        LOG.error("{} of session {} threw; the session {}", callback, id(), afterListenerFailure(), error);
        // What the peer sent before it learns of the close is not thrown at a listener that failed.
        if (endsWithListener()) {
            reception().breakOff();
        }
        if (extras().closed().isDone() || "onClosed".equals(callback)) {
            return;
        }
        onLoop(() -> {
            SessionEvent event = new SessionEvent.ListenerFailed(epoch(), callback, error);
            record(event);
            if (!"onEvent".equals(callback)) {
                callbacks().run(() -> guarded("onEvent", () -> listener.onEvent(this, event)));
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
