package io.everwire.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A receiver under observation: it writes down each event as a line and knows every byte that is allocated, for the reads
 * and for what the receiver holds.
 */
final class Reading implements AutoCloseable {
    final FrameReceiver receiver;
    final List<String> events = new ArrayList<>();
    private final UnpooledByteBufAllocator allocator;

    Reading(Role role, Limits limits) {
        this(role, limits, true);
    }

    /** Makes one whose buffers are direct, or on the heap and faster to make. */
    Reading(Role role, Limits limits, boolean isDirect) {
        allocator = new UnpooledByteBufAllocator(isDirect, true);
        receiver = new FrameReceiver(role, limits, allocator);
    }

    private Reading(Role role, Limits limits, FlatePool pool, DeflateAgreement agreement) {
        allocator = new UnpooledByteBufAllocator(false, true);
        receiver = new FrameReceiver(
                role, limits, allocator, new MessageInflater(pool, allocator, role, limits, agreement));
    }

    /** Makes one of a connection that agreed on permessage-deflate. */
    static Reading compressed(Role role, Limits limits, FlatePool pool, DeflateAgreement agreement) {
        return new Reading(role, limits, pool, agreement);
    }

    static Reading of(Role role) {
        return new Reading(role, Limits.DEFAULT);
    }

    /** Returns the events of a conversation that comes in these reads, and checks that no buffer is left. */
    static List<String> events(Role role, byte[]... reads) {
        return events(role, Limits.DEFAULT, reads);
    }

    static List<String> events(Role role, Limits limits, byte[]... reads) {
        try (Reading reading = new Reading(role, limits)) {
            for (byte[] read : reads) {
                reading.read(read);
            }
            return reading.events;
        }
    }

    /** Hands over one read and drains the events. */
    Reading read(byte... bytes) {
        hand(bytes);
        drain();
        return this;
    }

    Reading hand(byte... bytes) {
        receiver.handleBytes(allocator.buffer(Math.max(1, bytes.length)).writeBytes(bytes));
        return this;
    }

    Reading drain() {
        return drain(Integer.MAX_VALUE);
    }

    /** Takes this many events at most. */
    Reading drain(int most) {
        for (int i = 0; i < most; i++) {
            FrameReceiver.Event event = receiver.next();
            if (event == FrameReceiver.Event.NEED_BYTES) {
                break;
            }
            events.add(line(event));
        }
        return this;
    }

    private String line(FrameReceiver.Event event) {
        return switch (event) {
            case TEXT, PING, PONG -> event + " " + receiver.payload().toString(StandardCharsets.UTF_8);
            case BINARY -> event + " " + ByteBufUtil.hexDump(receiver.payload());
            case CLOSE -> event + " " + receiver.closeStatus();
            case FAILED -> event + " " + receiver.failure();
            case NEED_BYTES -> throw new AssertionError("not an event");
        };
    }

    /** Returns the line of an event, a failure's without its reason. */
    static String code(String event) {
        int reason = event.indexOf(" (");
        return event.startsWith("FAILED") && reason > 0 ? event.substring(0, reason) : event;
    }

    static List<String> codes(List<String> events) {
        return events.stream().map(Reading::code).toList();
    }

    ByteBuf buffer(int capacity) {
        return allocator.buffer(capacity);
    }

    long allocatedBytes() {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    @Override
    public void close() {
        receiver.close();
        assertThat(allocatedBytes()).as("bytes allocated after close").isZero();
        assertThat(receiver.bufferedBytes()).isZero();
    }
}
