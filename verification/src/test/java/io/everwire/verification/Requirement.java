package io.everwire.verification;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.opentest4j.TestAbortedException;

/** What a test needs of the machine that runs it: another implementation, a tool, a permission. */
public final class Requirement {
    private static final boolean IS_REQUIRED = Boolean.getBoolean("everwire.peers.required");
    private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

    private Requirement() {}

    /**
     * Goes on when it is there. Otherwise the test is skipped and a sentence says so, once; with {@code
     * -Deverwire.peers.required=true} it fails instead.
     *
     * @param present whether the machine has it
     * @param what what it is, the beginning of a sentence
     * @param howToInstall the command that installs it
     */
    public static void orSkip(boolean present, String what, String howToInstall) {
        if (present) {
            return;
        }
        String sentence = what + " is not here; install it with: " + howToInstall;
        if (IS_REQUIRED) {
            throw new AssertionError(sentence + " (everwire.peers.required is set, so nothing may be skipped)");
        }
        if (TOLD.add(sentence)) {
            System.out.println("skipped: " + sentence);
        }
        throw new TestAbortedException(sentence);
    }
}
