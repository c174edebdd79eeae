package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class AcceptFailuresTest {
    @Test
    void pausesForASecondAndReportsNothingToNetty() {
        EmbeddedChannel channel = new EmbeddedChannel(new AcceptFailures());
        channel.pipeline().fireExceptionCaught(new IOException("Too many open files"));
        assertThat(channel.config().isAutoRead()).isFalse();
        channel.advanceTimeBy(AcceptFailures.PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.config().isAutoRead()).isTrue();
        // What reaches the end of the pipeline is thrown here.
        channel.checkException();
        channel.finish();
    }
}
