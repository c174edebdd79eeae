package io.everwire.verification.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.conversation.Patience;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;

/** What an attack costs us: processor time of the event loops, memory that is held. */
final class Cost {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Cost() {}

    /** Returns the processor time that all event loops of this JVM have used so far. */
    static long loopNanos() {
        long nanos = 0;
        for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
            if (thread != null && thread.getThreadName().startsWith("everwire-")) {
                nanos += Math.max(0, THREADS.getThreadCpuTime(thread.getThreadId()));
            }
        }
        return nanos;
    }

    /** Asserts that no event loop spins: over half a second of idleness they use a small part of it. */
    static void assertIdle() {
        long begin = System.nanoTime();
        long before = loopNanos();
        Patience.until(
                "half a second has passed", () -> System.nanoTime() - begin > TimeUnit.MILLISECONDS.toNanos(500));
        assertThat(TimeUnit.NANOSECONDS.toMillis(loopNanos() - before))
                .as("milliseconds of processor time while nothing happens")
                .isLessThan(200);
    }

    /** Returns how many descriptors this process has open; 0 where nothing tells. */
    static int descriptors() {
        String[] open = new java.io.File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }

    /** Returns the bytes that are held after a collection: the heap, and the buffers outside of it. */
    static long heldBytes() {
        for (int round = 0; round < 3; round++) {
            System.gc();
        }
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return heap
                + ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                        .metric()
                        .usedDirectMemory();
    }
}
