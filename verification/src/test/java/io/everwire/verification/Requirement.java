package io.everwire.verification;

import org.junit.jupiter.api.Assumptions;

/** Programs of others that a test needs on its machine. With {@code -Deverwire.peers.required=true} a missing one is a failure. */
public final class Requirement {
    private Requirement() {}

    /** Skips the test with a sentence when something is not installed, or fails it when nothing may be skipped. */
    public static void orSkip(boolean present, String what, String howToInstall) {
        if (present) {
            return;
        }
        String sentence = what + " is not installed, so nothing is known of it; install it with: " + howToInstall;
        if (Boolean.getBoolean("everwire.peers.required")) {
            throw new AssertionError(sentence);
        }
        Assumptions.abort(sentence);
    }
}
