package io.everwire.transport;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Deadlines of many connections: one that moves later, as with every message, and one that is taken out and listed anew. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class WheelBenchmark {
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Coprime to all numbers of connections, so that each is visited in an order that no cache likes. */
    private static final int STRIDE = 7_919;

    /** How many connections there are. */
    @Param({"1000", "1000000"})
    public int connections;

    private Wheel wheel = new Wheel(new EmbeddedChannel().eventLoop());
    private Wheel.Entry[] entries = {};
    private long deadlineNanos;
    private int next;

    /** Lists all of them. */
    @Setup
    public void list() {
        wheel = new Wheel(new EmbeddedChannel().eventLoop());
        entries = new Wheel.Entry[connections];
        deadlineNanos = RealClock.nanos() + SECOND_NANOS;
        for (int i = 0; i < connections; i++) {
            entries[i] = new Wheel.Entry() {
                @Override
                void handleTick(long nowNanos, long stallNanos) {}
            };
            wheel.arm(entries[i], deadlineNanos + i % 10 * SECOND_NANOS);
        }
    }

    private Wheel.Entry next() {
        next = (next + STRIDE) % connections;
        return entries[next];
    }

    @Benchmark
    public void moveLater() {
        wheel.arm(next(), deadlineNanos + 15 * SECOND_NANOS);
    }

    @Benchmark
    public void listAnew() {
        Wheel.Entry entry = next();
        wheel.disarm(entry);
        wheel.arm(entry, deadlineNanos);
    }
}
