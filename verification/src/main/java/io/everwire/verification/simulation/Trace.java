package io.everwire.verification.simulation;

import java.util.ArrayDeque;

/** The last lines of what happened in one schedule. */
final class Trace {
    static final int LINES = 50;

    private final int most;
    private final ArrayDeque<String> lines = new ArrayDeque<>();

    Trace() {
        this(LINES);
    }

    Trace(int most) {
        this.most = most;
    }

    void add(long now, String sentence) {
        if (lines.size() == most) {
            lines.remove();
        }
        long micros = now / 1_000;
        lines.add(String.format("%6d.%06d %s", micros / 1_000_000, micros % 1_000_000, sentence));
    }

    String tail() {
        return String.join("\n", lines);
    }
}
