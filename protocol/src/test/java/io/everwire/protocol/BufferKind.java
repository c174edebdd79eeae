package io.everwire.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;

/** The kinds of buffers that the frame path has a way of its own for. */
enum BufferKind {
    HEAP {
        @Override
        ByteBuf of(byte[] bytes, int index) {
            return Unpooled.buffer(index + bytes.length + 8).writeZero(index).writeBytes(bytes);
        }
    },
    DIRECT {
        @Override
        ByteBuf of(byte[] bytes, int index) {
            return Unpooled.directBuffer(index + bytes.length + 8)
                    .writeZero(index)
                    .writeBytes(bytes);
        }
    },
    POOLED_SLICE {
        @Override
        ByteBuf of(byte[] bytes, int index) {
            ByteBuf whole = PooledByteBufAllocator.DEFAULT.directBuffer(index + bytes.length + 24);
            return whole.writeZero(11 + index).writeBytes(bytes).slice(11, index + bytes.length);
        }
    },
    COMPOSITE {
        @Override
        ByteBuf of(byte[] bytes, int index) {
            int cut = bytes.length / 3;
            CompositeByteBuf whole = Unpooled.compositeBuffer();
            whole.addComponent(
                    true, Unpooled.buffer(index + cut).writeZero(index).writeBytes(bytes, 0, cut));
            whole.addComponent(true, Unpooled.directBuffer().writeBytes(bytes, cut, bytes.length - cut));
            return whole;
        }
    };

    /** Returns a buffer whose bytes begin at {@code index}, after zeros. */
    abstract ByteBuf of(byte[] bytes, int index);
}
