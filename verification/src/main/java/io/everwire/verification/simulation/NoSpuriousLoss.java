package io.everwire.verification.simulation;

import io.everwire.CloseStatus;
import io.everwire.LossReason;
import io.everwire.session.resume.CloseCodes;
import io.everwire.session.resume.Control;
import org.jspecify.annotations.Nullable;

/** I11: a session is lost only when somebody lost its state, its time was up, or its window was full; and honest ends agree. */
final class NoSpuriousLoss {
    private static final long FIRST_ACK_NANOS = 10_000_000_000L;
    private static final long OFF_NANOS = 10_000_000_000L;

    private final World world;

    NoSpuriousLoss(World world) {
        this.world = world;
    }

    /** The store has ended a session, for this reason; null for none that is kept. */
    void endedInStore(Ledger ledger, @Nullable LossReason reason) {
        ledger.isEnded = true;
        ledger.endReason = reason;
        if (reason == LossReason.EXPIRED) {
            requireExpired(ledger, 0);
        } else if (reason == LossReason.DESYNC && !ledger.isStolen) {
            throw world.violation("I11: the server ends a session by desync, and both ends are honest");
        }
    }

    /** An orphan: a new session whose client was never heard. */
    void orphaned(Ledger ledger) {
        if (world.agenda.now() - ledger.begunAt < FIRST_ACK_NANOS) {
            throw world.violation("I11: a new session ended before its first 10 s were over");
        }
    }

    private void requireExpired(Ledger ledger, long tolerance) {
        long outage = world.agenda.now() - ledger.suspendedAt;
        if (!world.hasJumped && (ledger.isAttached || outage < world.plan.ttlNanos - tolerance)) {
            throw world.violation(
                    "I11: a session expired after " + outage / 1_000_000 + " ms of " + world.plan.ttlNanos / 1_000_000);
        }
    }

    /** A client hears what became of the session that it has claimed. */
    void firstHeard(ClientEnd client, @Nullable Control first) {
        Ledger ledger = client.ledger;
        if (!(first instanceof Control.Hello hello) || ledger == null) {
            return;
        }
        LossReason reason = hello.reason();
        if (hello.status() == Control.Status.RESUMED) {
            return;
        }
        if (reason == null) {
            throw world.violation("I11: a claimed session was answered by a new one without a reason");
        }
        boolean isExcused = switch (reason) {
            case UNKNOWN -> ledger.isMemoryGone || (ledger.isEnded && ledger.endReason == null);
            case RESTARTED -> world.vault.hasForgotten(ledger.sid);
            case EXPIRED -> {
                requireExpired(ledger, OFF_NANOS);
                yield true;
            }
            case OVERRUN -> ledger.endReason == reason;
            case ENDED -> ledger.endReason == reason || ledger.isEnding;
            // A thief does not know what its victim has sent since.
            case DESYNC -> ledger.isStolen;
            default -> false;
        };
        if (!isExcused) {
            throw world.violation("I11: session " + ledger.sid + " was lost, reason " + reason + ", without a cause");
        }
    }

    void lost(End end, Ledger ledger, LossReason reason) {
        // A thief does not know what its victim has sent since.
        boolean isThiefs = ledger.isStolen && reason == LossReason.DESYNC;
        if (isThiefs) {
            return;
        }
        if (reason == LossReason.POISONED || reason == LossReason.DESYNC || reason == LossReason.UNSUPPORTED) {
            throw world.violation(
                    "I11: " + (end.isClient() ? "a client" : "a server") + " lost its session by " + reason);
        }
    }

    void dropped(End end, CloseStatus status) {
        boolean isComplaint = status.code() == CloseCodes.PROTOCOL || status.code() == CloseCodes.OVERRUN;
        if (isComplaint && !status.reason().startsWith("no ack within")) {
            throw world.violation(
                    "I11: " + (end.isClient() ? "a client" : "a server") + " complains of its honest peer: " + status);
        }
    }
}
