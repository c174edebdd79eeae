package io.everwire.transport;

import io.everwire.CompressionPolicy;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.protocol.FrameReceiver;
import io.everwire.protocol.FrameWriter;
import io.everwire.protocol.Role;
import io.everwire.session.LivenessSettings;
import io.everwire.session.MessageClock;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What the sessions of one kind have in common on one event loop, so that none of them has to keep it for itself: their rules, and what
 * they need for the moment in which a message arrives or leaves.
 */
final class Terms {
    private static final int MOST_SPARE = 64;

    /** What the names of such sessions begin with. */
    final String prefix;

    final EventLoops loops;
    final EventLoop loop;
    final Wheel wheel;
    final KnownHeaders headers;
    final KeptBytes.Spares spareChunks;
    final Limits limits;
    final LivenessSettings liveness;
    /** Whether the application reads with {@code receive} instead of being called. */
    final boolean isPulled;
    /** Where callbacks run; null for the event loop. */
    final @Nullable Executor executor;
    /** Is told when a session of a server begins and ends. */
    final Admission.Entry entry;

    final Role role;
    /** How messages are compressed where the handshake agreed on it; null for not at all. */
    final @Nullable CompressionPolicy compression;

    private final LivenessPolicy policy;
    private @Nullable Connection reading;
    private long readNanos;

    /** What connections borrow while they have something to do with it, and give back without anything in it. On the loop only. */
    private final ArrayDeque<FrameReceiver> receivers = new ArrayDeque<>(1);

    private final ArrayDeque<FrameReceiver> receiversOfKept = new ArrayDeque<>(1);

    private final ArrayDeque<MessageClock> clocks = new ArrayDeque<>(1);
    private final ArrayDeque<Outbound> outbounds = new ArrayDeque<>(1);

    Terms(
            Role role,
            EventLoops loops,
            EventLoop loop,
            Limits limits,
            LivenessPolicy policy,
            @Nullable CompressionPolicy compression,
            boolean isPulled,
            @Nullable Executor executor,
            Admission.Entry entry) {
        this.role = role;
        prefix = role == Role.SERVER ? "s" : "c";
        this.loops = loops;
        this.loop = loop;
        this.limits = limits;
        this.policy = policy;
        this.compression = compression;
        this.isPulled = isPulled;
        this.executor = executor;
        this.entry = entry;
        LoopCommons commons = loops.commonsOf(loop);
        wheel = commons.wheel;
        headers = commons.headers;
        spareChunks = commons.spareChunks;
        liveness = new LivenessSettings(
                policy, limits.writeTimeout(), () -> ThreadLocalRandom.current().nextDouble());
    }

    /** Returns the terms of a client's session, which shares them with no other. */
    static Terms of(ClientSession.Config config) {
        return new Terms(
                Role.CLIENT,
                config.loops(),
                config.loops().next(),
                config.limits(),
                config.liveness(),
                config.wire().compression(),
                config.isPulled(),
                config.executor(),
                Admission.Entry.NONE);
    }

    /** Tells whether they are those of such a session. */
    @SuppressWarnings("ReferenceEquality") // What merely equals them may be another application's.
    boolean areOf(ServerSession.Config config, EventLoops itsLoops, Admission.Entry itsEntry) {
        return entry == itsEntry
                && loops == itsLoops
                && executor == config.executor()
                && isPulled == config.isPulled()
                && limits.equals(config.limits())
                && policy.equals(config.liveness())
                && Objects.equals(compression, config.compression());
    }

    // ---- what is true during a read ----

    void beginRead(Connection by, long now) {
        reading = by;
        readNanos = now;
    }

    void endRead() {
        reading = null;
    }

    /** Tells whether a read of this connection goes on, whose end acts on all that came in it. */
    boolean isReading(@Nullable Connection connection) {
        return connection != null && connection == reading;
    }

    /** Returns the time, of the read that goes on if there is one. */
    long nowNanos() {
        return reading != null ? readNanos : RealClock.nanos();
    }

    // ---- what is borrowed ----

    /** Lends a receiver to a connection of the resumable session with this link, whose limits are other ones; null for a plain one. */
    FrameReceiver borrowReceiver(ByteBufAllocator allocator, @Nullable ResumeLink link) {
        FrameReceiver spare = (link == null ? receivers : receiversOfKept).pollLast();
        return spare != null ? spare : new FrameReceiver(role, link == null ? limits : link.limits(), allocator);
    }

    /** Takes an idle one back. */
    void giveBack(FrameReceiver receiver, boolean isOfKept) {
        ArrayDeque<FrameReceiver> spares = isOfKept ? receiversOfKept : receivers;
        if (spares.size() < MOST_SPARE) {
            spares.addLast(receiver);
        }
    }

    MessageClock borrowClock() {
        MessageClock spare = clocks.pollLast();
        return spare == null ? new MessageClock(limits.messageTimeout()) : spare;
    }

    void giveBack(MessageClock clock, long now) {
        clock.handleRead(false, 0, now);
        clock.handleReadResumed(now);
        if (clocks.size() < MOST_SPARE) {
            clocks.addLast(clock);
        }
    }

    Outbound borrowOutbound() {
        Outbound spare = outbounds.pollLast();
        return spare == null ? newOutbound(null) : spare;
    }

    /** Makes the writing side of one connection that compresses; null for one that is lent. */
    Outbound newOutbound(@Nullable Compression ofOne) {
        return new Outbound(role == Role.SERVER ? Outbound.UNMASKED : maskingWriter(), ofOne);
    }

    private static FrameWriter maskingWriter() {
        return new FrameWriter(Role.CLIENT, MaskingKeys.ofThisLoop());
    }

    /** Takes an idle one back. */
    void giveBack(Outbound outbound) {
        if (outbounds.size() < MOST_SPARE) {
            outbounds.addLast(outbound);
        }
    }
}
