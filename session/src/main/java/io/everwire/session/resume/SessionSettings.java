package io.everwire.session.resume;

import io.everwire.LossReason;
import io.everwire.ResumePolicy;
import org.jspecify.annotations.Nullable;

/**
 * What a server gives its sessions.
 *
 * @param largestBytes the largest message that the server takes; at most the window less 64
 * @param retryGap the least time between two attempts of a client, in milliseconds; 0 for none
 * @param durability of the store; with {@link SessionStore.Durability#MEMORY} nothing is appended or committed
 * @param budget what the sessions may hold together
 */
public record SessionSettings(
        ResumePolicy policy,
        long largestBytes,
        long retryGap,
        SessionStore.Durability durability,
        ReplayBudget budget) {
    /**
     * Checks the largest message.
     *
     * @throws IllegalArgumentException when it does not fit the window
     */
    public SessionSettings {
        long most = policy.windowBytes() - (long) ReplayBuffer.costOf(0);
        if (largestBytes < 1 || largestBytes > most) {
            throw new IllegalArgumentException("the largest message is " + largestBytes + " bytes; with a window of "
                    + policy.windowBytes() + " it must be from 1 to " + most);
        }
    }

    long ttlNanos() {
        return policy.timeToLive().toNanos();
    }

    /** Makes the hello of a session that has received and sent so much. */
    Control.Hello hello(
            Control.Status status,
            long nonce,
            SessionId sid,
            long received,
            long sent,
            byte @Nullable [] secret,
            @Nullable LossReason reason,
            long peerReceived,
            @Nullable String protocol) {
        return new Control.Hello(
                status,
                nonce,
                sid,
                received,
                sent,
                policy.timeToLive().toSeconds(),
                policy.windowBytes(),
                policy.windowMessages(),
                largestBytes,
                policy.heartbeat().toMillis(),
                retryGap,
                secret,
                reason,
                peerReceived,
                protocol);
    }
}
