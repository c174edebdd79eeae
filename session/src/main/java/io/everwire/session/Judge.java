package io.everwire.session;

import io.everwire.Failure;
import io.everwire.FailurePolicy;
import io.everwire.ReconnectPolicy;
import io.everwire.RetryClass;
import java.util.Objects;

/** Classifies failures by the application's policy, which may change its mind after the first success. */
final class Judge {
    private final FailurePolicy policy;
    private final boolean isRetrying;
    private boolean hasSucceeded;

    Judge(ReconnectPolicy policy) {
        this.policy = policy.failurePolicy();
        this.isRetrying = policy.isEnabled();
    }

    /** A connection was open: URL, certificate and credentials are right, so what fails from now on may be transient. */
    void handleSuccess() {
        hasSucceeded = true;
    }

    RetryClass classify(Failure failure) {
        try {
            return Objects.requireNonNull(policy.classify(failure, hasSucceeded));
        } catch (Throwable broken) {
            // Written by the application: a mistake in it must not end the session without a word.
            return FailurePolicy.DEFAULT.classify(failure, hasSucceeded);
        }
    }

    /** Returns whether a failure ends the session. */
    boolean isHopeless(RetryClass retryClass, Outage.Refresh refresh) {
        boolean isRefusedAgain = retryClass == RetryClass.REAUTHENTICATE && refresh == Outage.Refresh.SPENT;
        return !isRetrying || retryClass == RetryClass.TERMINAL || isRefusedAgain;
    }
}
