package io.everwire.verification.simulation;

/** An invariant that does not hold. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1;

    Violation(String sentence) {
        super(sentence);
    }
}
