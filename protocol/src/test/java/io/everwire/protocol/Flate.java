package io.everwire.protocol;

import io.everwire.CompressionPolicy;
import io.everwire.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/** Both directions of one connection under observation; every buffer is counted. */
final class Flate implements AutoCloseable {
    final FlatePool pool = new FlatePool();
    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
    final MessageDeflater deflater;
    final MessageInflater inflater;

    /** Makes a server's deflater and the inflater of its client. */
    Flate(CompressionPolicy policy, DeflateAgreement agreement, Limits limits) {
        deflater = new MessageDeflater(pool, allocator, Role.SERVER, policy, agreement);
        inflater = new MessageInflater(pool, allocator, Role.CLIENT, limits, agreement);
    }

    static Flate ofServer(boolean keepsContext, int windowBits, Limits limits) {
        return new Flate(
                CompressionPolicy.DEFAULT.withContext(keepsContext, keepsContext),
                new DeflateAgreement(keepsContext, keepsContext, windowBits, 15),
                limits);
    }

    /** Returns the compressed message, null when it would not be shorter. */
    byte @Nullable [] deflate(byte... message) {
        ByteBuf compressed = deflater.deflate(Unpooled.wrappedBuffer(message), 0, message.length);
        return compressed == null ? null : take(compressed);
    }

    /** Returns the inflated message; null when it is refused. */
    byte @Nullable [] inflate(byte... compressed) {
        ByteBuf message = inflater.inflate(Unpooled.wrappedBuffer(compressed), 0, compressed.length);
        return message == null ? null : take(message);
    }

    private static byte[] take(ByteBuf bytes) {
        try {
            return ByteBufUtil.getBytes(bytes);
        } finally {
            bytes.release();
        }
    }

    long allocatedBytes() {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    /** Compresses as another implementation might, with a flush at the end whose tail is removed. */
    static byte[] compress(byte... message) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(message);
        byte[] all = drain(deflater, Deflater.SYNC_FLUSH);
        deflater.end();
        return java.util.Arrays.copyOf(all, all.length - 4);
    }

    /** Compresses with a final block. */
    static byte[] finish(byte... message) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(message);
        deflater.finish();
        byte[] all = drain(deflater, Deflater.NO_FLUSH);
        deflater.end();
        return all;
    }

    private static byte[] drain(Deflater deflater, int flush) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[64 << 10];
        int bytes;
        do {
            bytes = deflater.deflate(buffer, 0, buffer.length, flush);
            all.write(buffer, 0, bytes);
        } while (bytes == buffer.length);
        return all.toByteArray();
    }

    @Override
    public void close() {
        deflater.close();
        pool.close();
        if (pool.alive() != 0 || allocatedBytes() != 0) {
            throw new AssertionError(
                    pool.alive() + " deflaters and inflaters and " + allocatedBytes() + " bytes are left");
        }
    }
}
