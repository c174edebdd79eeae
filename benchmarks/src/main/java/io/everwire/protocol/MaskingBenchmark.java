package io.everwire.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
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

/** Masking in place, masking while copying, and a plain copy to compare with. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class MaskingBenchmark {
    private static final int KEY = 0x12AB_34CD;

    /** The size of the payload in bytes; 61 has a rest of 5 behind its words. */
    @Param({"16", "61", "1024", "65536"})
    public int bytes;

    private ByteBuf source = PooledByteBufAllocator.DEFAULT.directBuffer();
    private ByteBuf target = PooledByteBufAllocator.DEFAULT.directBuffer();

    /** Fills both buffers. */
    @Setup
    public void fill() {
        source = PooledByteBufAllocator.DEFAULT.directBuffer(bytes).writeZero(bytes);
        target = PooledByteBufAllocator.DEFAULT.directBuffer(bytes).writeZero(bytes);
    }

    @Benchmark
    public void inPlace() {
        Masker.mask(target, 0, bytes, KEY);
    }

    @Benchmark
    public void whileCopying() {
        Masker.copy(source, 0, target, 0, bytes, KEY);
    }

    @Benchmark
    public void plainCopy() {
        target.setBytes(0, source, 0, bytes);
    }
}
