package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CompressionPolicy;
import io.everwire.protocol.DeflateAgreement;
import io.everwire.protocol.MessageDeflater;
import io.everwire.protocol.Role;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FlatePoolsTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final FlatePools pools = FlatePools.ofThisLoop();
    private final MessageDeflater deflater = new MessageDeflater(
            pools.pool(),
            UnpooledByteBufAllocator.DEFAULT,
            Role.SERVER,
            CompressionPolicy.DEFAULT.withContext(true, true),
            new DeflateAgreement(true, true, 15, 15));

    private void compress() {
        ByteBuf message = Unpooled.wrappedBuffer(new byte[1_000]);
        Objects.requireNonNull(deflater.deflate(message, 0, 1_000)).release();
    }

    private void pass(long seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void freeTheDeflaterOfAConnectionThatIsIdleAndStopTheirTimerWhenItHasLeft() {
        channel.freezeTime();
        pools.enter(channel.eventLoop());
        compress();
        pass(29);
        assertThat(pools.pool().alive()).isEqualTo(1);
        compress();
        for (int i = 0; i < 4; i++) {
            pass(30);
        }
        assertThat(pools.pool().alive()).as("idle").isZero();
        compress();
        assertThat(pools.pool().alive()).as("begun anew").isEqualTo(1);
        deflater.close();
        pools.leave();
        for (int i = 0; i < 4; i++) {
            pass(30);
        }
        assertThat(pools.pool().alive()).isZero();
        assertThat(channel.runScheduledPendingTasks()).as("no timer is left").isEqualTo(-1);
        channel.finishAndReleaseAll();
    }
}
