package io.everwire.verification.simulation;

import io.everwire.LossReason;
import io.everwire.session.resume.SessionId;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What really happened in one session, written by nobody who takes part in it. */
final class Ledger {
    final SessionId sid;
    final Direction up = new Direction();
    final Direction down = new Direction();
    /** The newest epoch that the store has granted. */
    long epoch = 1;
    /** The end with the newest epoch of all that were attached, and whether it still is. */
    @Nullable ServerEnd owner;

    long ownerEpoch;

    boolean isAttached;
    long begunAt;
    long suspendedAt;
    /** Whether the store has ended it, and why; null for nothing that is kept. */
    boolean isEnded;

    @Nullable LossReason endReason;
    /** Whether its server has said that it ends. */
    boolean isEnding;
    /** Whether the only process that knew it is gone. */
    boolean isMemoryGone;

    boolean isStolen;

    /** What one direction has seen; numbers count from 1. */
    static final class Direction {
        private Parcel[] sent = new Parcel[16];
        /** How many messages the session has taken: accepted, and appended where the store is durable. */
        int taken;
        /** The last that the receiving end is known to hold: received, and committed where its store is durable. */
        long held;
        /** The last that the receiving application has had. */
        long delivered;
        /** No later number is ever delivered, or its sender was told something wrong. */
        long denied = Long.MAX_VALUE;

        private boolean[] seen = new boolean[16];

        void take(Parcel parcel) {
            if (taken == sent.length) {
                sent = Arrays.copyOf(sent, 2 * taken);
            }
            sent[taken++] = parcel;
        }

        @Nullable Parcel at(long number) {
            return number >= 1 && number <= taken ? sent[(int) number - 1] : null;
        }

        /** Marks a message as seen by an application; returns whether it was before. */
        boolean see(long number) {
            int index = (int) number;
            if (index >= seen.length) {
                seen = Arrays.copyOf(seen, Math.max(index + 1, 2 * seen.length));
            }
            boolean before = seen[index];
            seen[index] = true;
            return before;
        }
    }

    Ledger(SessionId sid) {
        this.sid = sid;
    }
}
