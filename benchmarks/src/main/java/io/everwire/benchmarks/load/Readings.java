package io.everwire.benchmarks.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the clocks of the machine show at one moment, or what they have advanced in a span. Where there is no {@code /proc}, only the time is known, and the differences of
 * all else are zero.
 */
public record Readings(long nanos, long serverNanos, long loadNanos, long busyNanos, long stolenNanos) {
    private static final Path MACHINE = Path.of("/proc/stat");
    /** Linux counts in hundredths of a second, whatever its own tick is. */
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1) / 100;

    private static final int FIRST_FIELD = 1;
    private static final int IDLE = 4;
    private static final int WAITING = 5;
    private static final int STOLEN = 8;

    /** Reads all clocks now. */
    public static Readings take(long serverPid) {
        long busy = 0;
        long stolen = 0;
        try {
            if (Files.isReadable(MACHINE)) {
                // cpu  user nice system idle iowait irq softirq steal guest guest_nice
                String[] fields = Files.readAllLines(MACHINE).get(0).trim().split("\\s+", -1);
                for (int i = FIRST_FIELD; i < STOLEN; i++) {
                    busy += i == IDLE || i == WAITING ? 0 : Long.parseLong(fields[i]);
                }
                stolen = Long.parseLong(fields[STOLEN]);
            }
        } catch (IOException e) {
            busy = 0;
        }
        return new Readings(
                System.nanoTime(),
                cpuNanos(serverPid),
                cpuNanos(ProcessHandle.current().pid()),
                busy * TICK_NANOS,
                stolen * TICK_NANOS);
    }

    private static long cpuNanos(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .map(Duration::toNanos)
                .orElse(0L);
    }

    /** Returns what has happened since the readings that were taken before. */
    public Readings since(Readings before) {
        return new Readings(
                nanos - before.nanos,
                serverNanos - before.serverNanos,
                loadNanos - before.loadNanos,
                busyNanos - before.busyNanos,
                stolenNanos - before.stolenNanos);
    }

    /** Returns the share of a core that other programs had, beside those that had so much. */
    public double othersBusy(long oursNanos) {
        return Math.max(0, busyNanos - oursNanos) / (double) nanos;
    }

    /** Adds two spans up. */
    Readings plus(Readings other) {
        return new Readings(
                nanos + other.nanos,
                serverNanos + other.serverNanos,
                loadNanos + other.loadNanos,
                busyNanos + other.busyNanos,
                stolenNanos + other.stolenNanos);
    }

    /** Returns this span as figures, with so many events in it. */
    public Map<String, Double> figures(double events) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("seconds", nanos / 1e9);
        figures.put("perSecond", events / nanos * 1e9);
        figures.put("serverMicros", serverNanos / 1e3 / events);
        figures.put("loadMicros", loadNanos / 1e3 / events);
        figures.put("serverBusy", serverNanos / (double) nanos);
        figures.put("loadBusy", loadNanos / (double) nanos);
        figures.put("othersBusy", Math.max(0, busyNanos - serverNanos - loadNanos) / (double) nanos);
        figures.put("stolen", stolenNanos / (double) nanos);
        return figures;
    }
}
