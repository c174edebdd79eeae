package io.everwire.transport;

import io.everwire.Message;
import io.everwire.MessageView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The view of one message during one callback; the object is used again for the next message. */
final class BorrowedView implements MessageView {
    private @Nullable ByteBuf payload;
    private @Nullable Message message;
    private boolean isText;
    private long number;

    void lend(boolean text, ByteBuf borrowed, long ofSession) {
        number = ofSession;
        isText = text;
        payload = borrowed;
        message = null;
    }

    void lend(Message kept) {
        isText = kept.isText();
        number = kept.number();
        payload = Unpooled.wrappedBuffer(kept.bytes());
        message = kept;
    }

    void takeBack() {
        payload = null;
        message = null;
    }

    ByteBuf payload() {
        ByteBuf borrowed = payload;
        if (borrowed == null) {
            throw new IllegalStateException(
                    "this view was valid only during its callback; call toMessage() there to keep the message");
        }
        return borrowed;
    }

    @Override
    public boolean isText() {
        payload();
        return isText;
    }

    @Override
    public long number() {
        payload();
        return number;
    }

    @Override
    public int length() {
        return payload().readableBytes();
    }

    @Override
    public byte at(int index) {
        ByteBuf borrowed = payload();
        if (index < 0 || index >= borrowed.readableBytes()) {
            throw new IndexOutOfBoundsException(
                    "index " + index + " is outside a message of " + borrowed.readableBytes() + " bytes");
        }
        return borrowed.getByte(borrowed.readerIndex() + index);
    }

    @Override
    public void copyTo(ByteBuffer target) {
        ByteBuf borrowed = payload();
        int length = borrowed.readableBytes();
        if (target.remaining() < length) {
            throw new java.nio.BufferOverflowException();
        }
        int limit = target.limit();
        target.limit(target.position() + length);
        borrowed.getBytes(borrowed.readerIndex(), target);
        target.limit(limit);
    }

    @Override
    public Message toMessage() {
        Message kept = message;
        return kept != null ? kept : Message.received(isText, payload().nioBuffer(), number);
    }
}
