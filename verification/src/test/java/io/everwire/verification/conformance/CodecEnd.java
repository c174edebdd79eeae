package io.everwire.verification.conformance;

import io.everwire.CompressionPolicy;
import io.everwire.Limits;
import io.everwire.protocol.DeflateAgreement;
import io.everwire.protocol.FlatePool;
import io.everwire.protocol.FrameReceiver;
import io.everwire.protocol.FrameWriter;
import io.everwire.protocol.MessageDeflater;
import io.everwire.protocol.MessageInflater;
import io.everwire.protocol.Role;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;

/** The codec of one end of a compressed connection without the connection; what it writes compressed is judged, too. */
final class CodecEnd implements AutoCloseable {
    /** Counts what is left itself: Netty's detector would note every access to every frame. */
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);

    private final FlatePool pool = new FlatePool();
    private final int fragmentBytes;
    private final ZlibJudge judge;
    private final FrameWriter writer;
    private final MessageDeflater deflater;
    private final FrameReceiver receiver;
    private int compressed;

    /**
     * Makes one.
     *
     * @param fragmentBytes the size of its frames, 0 for one a message
     * @param judge is given its stream
     */
    CodecEnd(
            Role role,
            CompressionPolicy policy,
            DeflateAgreement agreed,
            Limits limits,
            int fragmentBytes,
            ZlibJudge judge)
            throws IOException {
        this(role, policy, agreed, limits, fragmentBytes, judge, agreed.windowBits(role));
    }

    /** Makes one that is judged by another window than the one it has agreed on. */
    CodecEnd(
            Role role,
            CompressionPolicy policy,
            DeflateAgreement agreed,
            Limits limits,
            int fragmentBytes,
            ZlibJudge judge,
            int judgedBits)
            throws IOException {
        this.fragmentBytes = fragmentBytes;
        this.judge = judge;
        writer = new FrameWriter(role, () -> 0x11223344);
        deflater = new MessageDeflater(pool, allocator, role, policy, agreed);
        receiver =
                new FrameReceiver(role, limits, allocator, new MessageInflater(pool, allocator, role, limits, agreed));
        judge.begin(judgedBits, agreed.keepsContext(role));
    }

    /** Returns the frames of a message, compressed if that is shorter. */
    ByteBuf write(byte[] message, boolean isText) throws IOException {
        ByteBuf plain = Unpooled.wrappedBuffer(message);
        ByteBuf shorter = deflater.deflate(plain, 0, message.length);
        ByteBuf payload = shorter == null ? plain : shorter;
        if (shorter != null) {
            compressed++;
            judge.judge(ByteBufUtil.getBytes(shorter), message);
        }
        ByteBuf frames = allocator.directBuffer(payload.readableBytes() + 64);
        int step = fragmentBytes == 0 ? Integer.MAX_VALUE : fragmentBytes;
        int length = payload.readableBytes();
        for (int at = 0; at < length; ) {
            int bytes = Math.min(step, length - at);
            boolean isLast = at + bytes == length;
            if (shorter != null) {
                writer.writeCompressed(frames, at == 0, isLast, isText, payload, at, bytes);
            } else {
                writer.writeData(frames, at == 0, isLast, isText, payload, at, bytes);
            }
            at += bytes;
        }
        payload.release();
        return frames;
    }

    /** Returns the one message that the frames hold. */
    byte[] read(ByteBuf frames) {
        receiver.handleBytes(frames);
        FrameReceiver.Event event = receiver.next();
        if (event == FrameReceiver.Event.FAILED) {
            throw new AssertionError("the connection failed: " + receiver.failure());
        }
        byte[] message = ByteBufUtil.getBytes(receiver.payload());
        if (receiver.next() != FrameReceiver.Event.NEED_BYTES) {
            throw new AssertionError("there is more than one message");
        }
        return message;
    }

    /** Returns how many of the messages were compressed. */
    int compressed() {
        return compressed;
    }

    @Override
    public void close() {
        receiver.close();
        deflater.close();
        pool.close();
        long bytes = allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
        if (pool.alive() != 0 || bytes != 0) {
            throw new AssertionError(pool.alive() + " deflaters and inflaters are left, and " + bytes + " bytes");
        }
    }
}
