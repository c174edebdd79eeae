package io.everwire.transport;

import io.everwire.Message;
import io.everwire.protocol.FrameWriter;
import io.everwire.protocol.Role;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.AbstractReferenceCounted;
import java.util.ArrayList;
import java.util.List;

/** A message encoded once as a server's frames, to be shared by all recipients of a broadcast. */
public final class EncodedMessage extends AbstractReferenceCounted {
    private final List<ByteBuf> frames;
    private final Message message;

    private EncodedMessage(List<ByteBuf> frames, Message message) {
        this.frames = frames;
        this.message = message;
    }

    /** Encodes a message; the caller owns the first reference and releases it when every recipient has its own. */
    public static EncodedMessage of(Message message) {
        FrameWriter writer = new FrameWriter(Role.SERVER, () -> 0);
        ByteBuf payload = Unpooled.wrappedBuffer(message.bytes());
        List<ByteBuf> frames = new ArrayList<>();
        int offset = 0;
        do {
            int bytes = Math.min(Send.FRAGMENT_BYTES, message.length() - offset);
            boolean isLast = offset + bytes == message.length();
            ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer(bytes + FrameWriter.maxHeaderBytes());
            writer.writeData(frame, offset == 0, isLast, message.isText(), payload, offset, bytes);
            frames.add(frame);
            offset += bytes;
        } while (offset < message.length());
        return new EncodedMessage(frames, message);
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
    protected void deallocate() {
        frames.forEach(ByteBuf::release);
    }
}
