package io.everwire.benchmarks.load;

import java.io.IOException;

/** A server did what it must not; the measurement is void. */
public final class LoadException extends IOException {
    private static final long serialVersionUID = 1;

    /** Makes one with a sentence. */
    public LoadException(String sentence) {
        super(sentence);
    }
}
