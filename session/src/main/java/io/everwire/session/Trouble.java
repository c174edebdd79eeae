package io.everwire.session;

import org.jspecify.annotations.Nullable;

/** What is known of a peer beyond its last byte while reading is suspended or the kernel takes nothing, after we stalled, or when a verdict is due. */
final class Trouble {
    /** The last byte, or later: when reading was resumed. */
    long silenceNanos;

    /** Until when a stall of ours puts off verdicts; one grace per silence, and one per validity period. */
    long silenceGraceNanos = Engine.NO_DEADLINE;

    long validityGraceNanos = Engine.NO_DEADLINE;
    long drainUntilNanos;
    long deafNanos;

    /** Since when the kernel has taken no byte of ours although some wait; our own stalls do not count. */
    long blockedNanos = Engine.NO_DEADLINE;

    boolean isDrainTold;
    boolean isDeathTold;
    Liveness.@Nullable Death death;

    Trouble(long silenceNanos) {
        this.silenceNanos = silenceNanos;
    }
}
