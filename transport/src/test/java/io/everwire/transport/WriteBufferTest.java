package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;

class WriteBufferTest {
    private static ByteBuf take(int bytes, boolean isMore, boolean isSlow) {
        return WriteBuffer.take(UnpooledByteBufAllocator.DEFAULT, bytes, isMore, isSlow);
    }

    @Test
    void oneBufferServesTheNextWhenItIsWritten() {
        ByteBuf first = take(10, false, false).writeInt(1);
        first.release();
        ByteBuf second = take(20, false, false);
        assertThat(second).isSameAs(first);
        assertThat(second.readableBytes()).isZero();
        second.release();
    }

    @Test
    void whatIsNotWrittenYetIsNobodyElses() {
        ByteBuf kept = take(10, false, false).writeInt(1);
        ByteBuf other = take(10, false, false).writeInt(2);
        assertThat(other).isNotSameAs(kept);
        assertThat(kept.readInt()).isEqualTo(1);
        kept.release();
        assertThat(kept.refCnt()).as("nobody holds on to it").isZero();
        other.release();
    }

    @Test
    void aLargeFrameAndWhatComesBehindAFullBufferHaveALargerOne() {
        ByteBuf frame = take(16 << 10, false, false);
        frame.release();
        ByteBuf more = take(10, true, false);
        assertThat(more).isSameAs(frame);
        assertThat(more.capacity()).isEqualTo(32 << 10);
        more.release();
    }

    @Test
    void whoReadsSlowlyKeepsLittle() {
        ByteBuf few = take(10, true, true);
        ByteBuf many = take(5_000, false, true);
        assertThat(few.capacity()).isEqualTo(512);
        assertThat(many.capacity()).isEqualTo(5_000);
        assertThat(few.release()).as("it was his alone").isTrue();
        assertThat(many.release()).isTrue();
    }

    @Test
    void whatIsTooLargeForAllIsMadeForOne() {
        ByteBuf huge = take(40_000, false, false);
        assertThat(huge.capacity()).isEqualTo(40_000);
        assertThat(huge.release()).isTrue();
    }
}
