package io.everwire.transport;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.SessionState;
import io.everwire.session.resume.CloseCodes;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's way to a new connection while the present one carries its session: make before break. The offer detaches the present
 * connection, so the server closes that one before or after it answers; neither is an outage.
 *
 * <p><b>Thread safety.</b> The session's event loop only.
 */
final class Move {
    /** The number of its probe; the reconnect engine counts its own from 1. */
    static final long NUMBER = -1;

    private static final Logger LOG = LoggerFactory.getLogger(Move.class);

    private final ClientSession session;
    private final ClientResumption resumption;
    private final Dialer dialer;
    private final long patienceNanos;
    private @Nullable Future<?> late;
    /** The end of the old connection, kept until it is known whether there is a new one. */
    private @Nullable Runnable heldEnd;
    /** What the old connection was asked for. */
    private @Nullable ConnectRequest before;

    Move(ClientSession session, ClientResumption resumption, Dialer dialer, long patienceNanos) {
        this.session = session;
        this.resumption = resumption;
        this.dialer = dialer;
        this.patienceNanos = patienceNanos;
    }

    /**
     * Dials. Ignored while another move is under way, and when the session is not open: then it is on its way already.
     *
     * @param url where to, null for where it was
     */
    void begin(@Nullable String url) {
        if (late != null || session.state() != SessionState.OPEN) {
            return;
        }
        ConnectRequest old = dialer.wanted();
        String refusal = url == null ? null : dialer.redirectTo(url);
        if (refusal != null) {
            LOG.debug("{} does not move: {}", session.id(), refusal);
            return;
        }
        before = old;
        late = session.loop().schedule(this::handleLate, patienceNanos, TimeUnit.NANOSECONDS);
        dialer.probe(NUMBER, 0);
    }

    private void handleLate() {
        handleFailed(Failure.of(Failure.Kind.UPGRADE_TIMEOUT, "the move was not answered in time"));
    }

    /** There is a new connection. */
    void handleUpgraded() {
        heldEnd = null;
        before = null;
        stop();
    }

    /** What has failed before its offer has changed nothing; behind the offer the session is detached and must come back. */
    void handleFailed(Failure failure) {
        LOG.debug("{} could not move: {}", session.id(), failure.message());
        stop();
        resumption.handleMoveFailed();
        Runnable end = heldEnd;
        heldEnd = null;
        if (end != null) {
            end.run();
        }
    }

    /**
     * Takes the end of the session's connection.
     *
     * @param end goes on with it as with an outage
     * @return whether the end waits for the move's: the server has closed the connection because the session has another one
     */
    boolean holds(Failure failure, Runnable end) {
        CloseStatus status = failure.closeStatus();
        if (late != null && status != null && isOurDoing(status.code()) && resumption.isOffering()) {
            heldEnd = end;
            return true;
        }
        stop();
        return false;
    }

    /** A store that outlives the server grants the claim before the old connection is told of it, and takes its writes no more: 1012. */
    private static boolean isOurDoing(int code) {
        return code == CloseCodes.TAKEN_OVER || code == CloseCode.SERVICE_RESTART;
    }

    /** Gives the move up because the session ends, or has lost what it would have left. */
    void giveUp() {
        if (late != null) {
            handleFailed(Failure.of(Failure.Kind.CLOSED_BY_US, "the session ends"));
        }
    }

    private void stop() {
        dialer.cancel(NUMBER);
        Future<?> timer = late;
        late = null;
        if (timer != null) {
            timer.cancel(false);
        }
        ConnectRequest old = before;
        before = null;
        if (old != null) {
            dialer.use(old);
        }
    }
}
