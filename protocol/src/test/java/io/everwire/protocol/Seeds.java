package io.everwire.protocol;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * The seeds of a fuzz test: those that once found something, then new ones as long as the share of
 * {@code -Deverwire.fuzz.seconds} lasts (default 60 for all targets together). A failure names its seed, and
 * {@code -Deverwire.fuzz.seed} runs that seed alone.
 */
final class Seeds {
    private static final String SEED = "everwire.fuzz.seed";
    private static final int TARGETS = 6;

    private Seeds() {}

    /** Runs one of the six targets: the frame decoder, the inflater and the opening handshake, each in both roles. */
    static void run(String target, LongConsumer execution) {
        Long only = Long.getLong(SEED);
        if (only != null) {
            run(target, only, execution);
            return;
        }
        for (long seed : kept()) {
            run(target, seed, execution);
        }
        long begin = System.nanoTime();
        long nanos = TimeUnit.SECONDS.toNanos(Long.getLong("everwire.fuzz.seconds", 60)) / TARGETS;
        // Each run goes where none has been: what it finds it can tell, and what it does not find was not there.
        long seed = begin << 20;
        long executions = 0;
        while (System.nanoTime() - begin < nanos) {
            run(target, seed + executions, execution);
            executions++;
        }
        System.out.println("fuzzed " + target + ": " + executions + " executions in "
                + TimeUnit.NANOSECONDS.toSeconds(nanos) + " s from seed " + seed);
    }

    private static void run(String target, long seed, LongConsumer execution) {
        try {
            execution.accept(seed);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(
                    target + " fails on seed " + seed + "; repeat it by -D" + SEED + "=" + seed
                            + ", and when it is mended, add it to fuzz-seeds.txt with the reason",
                    e);
        }
    }

    /** The seeds of fuzz-seeds.txt: one a line, and why behind it. */
    private static List<Long> kept() {
        try (InputStream in = Seeds.class.getResourceAsStream("fuzz-seeds.txt")) {
            if (in == null) {
                throw new AssertionError("fuzz-seeds.txt is missing beside " + Seeds.class);
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            return lines.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> Long.valueOf(line.substring(0, line.indexOf(' '))))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError("fuzz-seeds.txt cannot be read", e);
        }
    }
}
