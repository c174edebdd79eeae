package io.everwire.protocol;

import io.everwire.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A server's frame path without a network: 16 masked frames of one read are decoded and echoed. Figures are for one of them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CodecBenchmark {
    private static final int FRAMES = 16;
    private static final PooledByteBufAllocator POOL = PooledByteBufAllocator.DEFAULT;

    /** The size of a payload in bytes. */
    @Param({"16", "128", "1024"})
    public int bytes;

    /** Whether messages are text. */
    @Param({"false", "true"})
    public boolean isText;

    private final FrameReceiver receiver = new FrameReceiver(Role.SERVER, Limits.DEFAULT, POOL);
    private final FrameWriter writer = new FrameWriter(Role.SERVER, () -> 0);
    private ByteBuf read = POOL.directBuffer();
    private ByteBuf written = POOL.directBuffer();

    /** Encodes what the client sends. */
    @Setup
    public void encode() {
        ByteBuf payload = POOL.directBuffer(bytes);
        for (int i = 0; i < bytes; i++) {
            payload.writeByte('a' + i % 26);
        }
        FrameWriter client = new FrameWriter(Role.CLIENT, () -> 0x12AB_34CD);
        read = POOL.directBuffer();
        for (int i = 0; i < FRAMES; i++) {
            client.writeData(read, true, true, isText, payload, 0, bytes);
        }
        written = POOL.directBuffer(read.readableBytes());
    }

    /** The receiver unmasks in place and releases, so each invocation copies what it is given; see {@link #copyOnly}. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int echo() {
        written.clear();
        receiver.handleBytes(copy());
        for (FrameReceiver.Event event = receiver.next();
                event != FrameReceiver.Event.NEED_BYTES;
                event = receiver.next()) {
            ByteBuf payload = receiver.payload();
            writer.writeData(
                    written,
                    true,
                    true,
                    event == FrameReceiver.Event.TEXT,
                    payload,
                    payload.readerIndex(),
                    payload.readableBytes());
        }
        return written.readableBytes();
    }

    /** What of the above is not the codec's. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public boolean copyOnly() {
        return copy().release();
    }

    private ByteBuf copy() {
        return POOL.directBuffer(read.readableBytes()).writeBytes(read, 0, read.readableBytes());
    }
}
