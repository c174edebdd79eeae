package io.everwire.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
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

/** The validation of a whole text: ASCII, German with an umlaut in about 20 letters, and Japanese. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class Utf8Benchmark {
    /** The least size of the text in bytes; it ends with a whole word. */
    @Param({"64", "16384"})
    public int bytes;

    /** What is repeated. */
    @Param({
        "every word of this is plain ",
        "gr\u00fc\u00dfe an alle die es h\u00f6ren ",
        "\u65e5\u672c\u8a9e\u306e\u6587\u7ae0"
    })
    public String words = "";

    private ByteBuf text = PooledByteBufAllocator.DEFAULT.directBuffer();

    /** Writes the text. */
    @Setup
    public void write() {
        text = PooledByteBufAllocator.DEFAULT.directBuffer(2 * bytes);
        while (text.readableBytes() < bytes) {
            text.writeCharSequence(words, StandardCharsets.UTF_8);
        }
    }

    @Benchmark
    public int validate() {
        return new Utf8Validator().validate(text, 0, text.readableBytes());
    }
}
