package io.everwire.verification.laboratory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What the kernel says of a process, seen from outside.
 *
 * @param descriptors open file descriptors
 * @param threads its threads
 * @param cpuMillis CPU time used so far, user and system
 * @param epochMillis when it was looked at
 */
record Vitals(int descriptors, int threads, long cpuMillis, long epochMillis) {
    private static final long MILLIS_A_TICK = 10;

    static Vitals of(long pid) {
        Path process = Path.of("/proc", String.valueOf(pid));
        try {
            String stat = Files.readString(process.resolve("stat"));
            // The name in parentheses may hold anything; fields are counted after it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            return new Vitals(
                    count(process.resolve("fd")),
                    count(process.resolve("task")),
                    ticks * MILLIS_A_TICK,
                    System.currentTimeMillis());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int count(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return (int) entries.count();
        }
    }

    /** Returns the share of one core used since an earlier look, 0 to 1 for each core. */
    double cpuSince(Vitals earlier) {
        return (double) (cpuMillis - earlier.cpuMillis) / Math.max(1, epochMillis - earlier.epochMillis);
    }
}
