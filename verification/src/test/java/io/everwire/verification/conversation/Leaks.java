package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Buffers that were forgotten without a release: Netty notices them when they are collected, and writes a log nobody reads. */
public final class Leaks {
    private static final List<String> FOUND = new CopyOnWriteArrayList<>();

    static {
        try {
            Field field = Class.forName("io.netty.buffer.AbstractByteBuf").getDeclaredField("leakDetector");
            field.setAccessible(true);
            ((ResourceLeakDetector<?>) field.get(null)).setLeakListener((type, records) -> FOUND.add(type + records));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("Netty keeps its leak detector elsewhere; look it up anew", e);
        }
    }

    private Leaks() {}

    /** Begins to watch, once. */
    public static void watch() {
        assertThat(ResourceLeakDetector.getLevel())
                .as("every buffer is tracked")
                .isEqualTo(ResourceLeakDetector.Level.PARANOID);
    }

    public static void assertNone() {
        assertThat(FOUND).as("buffers nobody released").isEmpty();
    }

    /** Collects garbage and lets Netty look at what was collected. */
    public static void assertNoneAfterCollection() {
        for (int round = 0; round < 3; round++) {
            System.gc();
            for (int i = 0; i < 100; i++) {
                ByteBuf probe = PooledByteBufAllocator.DEFAULT.directBuffer(16);
                probe.release();
            }
        }
        assertNone();
    }
}
