package io.everwire.session.resume;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A message that is kept and, with the others since the last one, acknowledged. Figures are for one message. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ReplayBenchmark {
    private static final int BYTES = 128;

    /** One acknowledgement for so many messages. */
    @Param({"1", "32"})
    public int messages;

    private final ReplayBuffer<Object> buffer = new ReplayBuffer<>();
    private final Object message = new Object();

    @Benchmark
    public long addAndAcknowledge() {
        long last = buffer.add(message, BYTES);
        return last % messages == 0 ? buffer.acknowledge(last) : last;
    }
}
