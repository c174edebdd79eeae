package io.everwire.transport;

import io.everwire.Message;
import io.everwire.protocol.FrameWriter;
import io.everwire.protocol.MessageDeflater;
import io.everwire.protocol.Role;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.AbstractReferenceCounted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A message encoded once as a server's frames, to be shared by all recipients of a broadcast. */
final class EncodedMessage extends AbstractReferenceCounted {
    private final List<ByteBuf> frames;
    private final Message message;
    /** By the window that they need, in bytes; empty where compression gains nothing. */
    private final Map<Integer, List<ByteBuf>> compressed = new HashMap<>();

    private EncodedMessage(List<ByteBuf> frames, Message message) {
        this.frames = frames;
        this.message = message;
    }

    /** Encodes a message; the caller owns the first reference and releases it when every recipient has its own. */
    static EncodedMessage of(Message message) {
        return new EncodedMessage(frames(message, Unpooled.wrappedBuffer(message.bytes()), false), message);
    }

    private static List<ByteBuf> frames(Message message, ByteBuf payload, boolean isCompressed) {
        FrameWriter writer = new FrameWriter(Role.SERVER, () -> 0);
        List<ByteBuf> frames = new ArrayList<>();
        int length = payload.readableBytes();
        int offset = 0;
        do {
            int bytes = Math.min(Send.FRAGMENT_BYTES, length - offset);
            boolean isFirst = offset == 0;
            boolean isLast = offset + bytes == length;
            ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer(bytes + FrameWriter.maxHeaderBytes());
            if (isCompressed) {
                writer.writeCompressed(frame, isFirst, isLast, message.isText(), payload, offset, bytes);
            } else {
                writer.writeData(frame, isFirst, isLast, message.isText(), payload, offset, bytes);
            }
            frames.add(frame);
            offset += bytes;
        } while (offset < length);
        return frames;
    }

    /**
     * Returns the frames of the compressed message, which the first of all recipients with this window compresses; empty when it would
     * not be shorter. Any thread; others wait meanwhile, as each of them would compress it otherwise.
     *
     * @param deflater one that keeps no context
     */
    synchronized List<ByteBuf> compressedFrames(MessageDeflater deflater) {
        return compressed.computeIfAbsent(deflater.windowBytes(), window -> {
            ByteBuf payload = deflater.deflate(Unpooled.wrappedBuffer(message.bytes()), 0, message.length());
            if (payload == null) {
                return List.of();
            }
            try {
                return frames(message, payload, true);
            } finally {
                payload.release();
            }
        });
    }

    Message message() {
        return message;
    }

    int frames() {
        return frames.size();
    }

    ByteBuf frame(int index) {
        return frames.get(index);
    }

    @Override
    public EncodedMessage retain() {
        super.retain();
        return this;
    }

    @Override
    public EncodedMessage touch(Object hint) {
        return this;
    }

    @Override
    protected synchronized void deallocate() {
        frames.forEach(ByteBuf::release);
        compressed.values().forEach(itsFrames -> itsFrames.forEach(ByteBuf::release));
    }
}
