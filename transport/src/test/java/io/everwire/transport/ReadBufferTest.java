package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadBufferTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private RecvByteBufAllocator.ExtendedHandle handle = ReadBuffer.OWN.newHandle();

    @BeforeEach
    void begins() {
        channel.config().setRecvByteBufAllocator(ReadBuffer.OWN);
        handle = ReadBuffer.OWN.newHandle();
    }

    @AfterEach
    void ends() {
        channel.finishAndReleaseAll();
    }

    private ByteBuf read() {
        handle.reset(channel.config());
        return handle.allocate(channel.alloc());
    }

    @Test
    void givesTheHandshakeASmallBufferOfItsOwn() {
        ByteBuf one = read();
        ByteBuf other = read();

        assertThat(one).isNotSameAs(other);
        assertThat(one.capacity()).isEqualTo(2_048);
        one.release();
        other.release();
    }

    @Test
    void givesEveryReadTheSameBufferEmptiedOnceItIsShared() {
        channel.config().setRecvByteBufAllocator(ReadBuffer.SHARED);
        ByteBuf first = read();
        first.writeLong(1);
        first.release();

        ByteBuf second = read();

        assertThat(second).isSameAs(first);
        assertThat(second.readableBytes()).isZero();
        assertThat(second.capacity()).isEqualTo(65_536);
        second.release();
    }

    @Test
    void leavesASharedBufferToWhomeverKeepsIt() {
        channel.config().setRecvByteBufAllocator(ReadBuffer.SHARED);
        ByteBuf kept = read();
        kept.writeLong(7);

        ByteBuf another = read();

        assertThat(another).isNotSameAs(kept);
        another.release();
        assertThat(kept.readLong()).isEqualTo(7);
        kept.release();
    }
}
