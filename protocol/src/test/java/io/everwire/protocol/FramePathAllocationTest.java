package io.everwire.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.everwire.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The frame path allocates nothing per message. */
class FramePathAllocationTest {
    private static final int MESSAGES = 100_000;
    private static final int MESSAGES_PER_READ = 10;
    private static final int PAYLOAD_BYTES = 64;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final PooledByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();

    @BeforeEach
    void stopTheLeakDetectorFromAllocating() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    @AfterEach
    void startTheLeakDetectorAgain() {
        ResourceLeakDetector.setLevel(level);
    }

    private static int maskingKey = 1;

    private static int nextMaskingKey() {
        maskingKey = maskingKey * 1_664_525 + 1_013_904_223;
        return maskingKey;
    }

    /** Echoes text messages that come in reads of several, in two pooled buffers that outlive them all. */
    private static void echo(FrameReceiver receiver, FrameWriter writer, FrameWriter peer, ByteBuf payload) {
        ByteBuf read = ALLOCATOR.directBuffer(2_048);
        ByteBuf answer = ALLOCATOR.directBuffer(2_048);
        for (int i = 0; i < MESSAGES; i += MESSAGES_PER_READ) {
            read.clear();
            answer.clear();
            for (int j = 0; j < MESSAGES_PER_READ; j++) {
                peer.writeData(read, true, true, true, payload, 0, PAYLOAD_BYTES);
            }
            receiver.handleBytes(read.retain());
            int echoed = 0;
            while (receiver.next() == FrameReceiver.Event.TEXT) {
                ByteBuf message = receiver.payload();
                writer.writeData(answer, true, true, true, message, message.readerIndex(), message.readableBytes());
                echoed++;
            }
            if (echoed != MESSAGES_PER_READ) {
                throw new AssertionError(echoed + " of " + MESSAGES_PER_READ + " messages came back");
            }
        }
        read.release();
        answer.release();
    }

    private static long allocatedBytes(Runnable work) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        work.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    @ParameterizedTest
    @EnumSource
    void echoingSmallMessagesAllocatesNothing(Role role) {
        FrameReceiver receiver = new FrameReceiver(role, Limits.DEFAULT, ALLOCATOR);
        FrameWriter writer = new FrameWriter(role, FramePathAllocationTest::nextMaskingKey);
        FrameWriter peer = new FrameWriter(
                role == Role.CLIENT ? Role.SERVER : Role.CLIENT, FramePathAllocationTest::nextMaskingKey);
        ByteBuf payload = ALLOCATOR.directBuffer().writeBytes(Wire.utf8("x".repeat(PAYLOAD_BYTES)));

        echo(receiver, writer, peer, payload);
        long allocated = allocatedBytes(() -> echo(receiver, writer, peer, payload));

        assertThat(allocated / MESSAGES)
                .as("%d bytes for %d messages", allocated, MESSAGES)
                .isZero();
        assertThat(allocated).isLessThan(16 << 10);
        receiver.close();
        payload.release();
    }

    @Test
    void aMillionPongsLeaveNothingBehind() {
        FrameReceiver receiver = new FrameReceiver(Role.SERVER, Limits.DEFAULT, ALLOCATOR);
        FrameWriter peer = new FrameWriter(Role.CLIENT, FramePathAllocationTest::nextMaskingKey);
        ByteBuf payload = ALLOCATOR.directBuffer().writeZero(125);
        long pinned = ALLOCATOR.pinnedDirectMemory();
        int pongs = 0;
        for (int i = 0; i < 10_000; i++) {
            ByteBuf read = ALLOCATOR.directBuffer(16_384);
            for (int j = 0; j < 100; j++) {
                peer.writePong(read, payload);
            }
            receiver.handleBytes(read);
            while (receiver.next() == FrameReceiver.Event.PONG) {
                pongs++;
            }
        }
        assertThat(pongs).isEqualTo(1_000_000);
        assertThat(ALLOCATOR.pinnedDirectMemory()).isEqualTo(pinned);
        receiver.close();
        payload.release();
    }
}
