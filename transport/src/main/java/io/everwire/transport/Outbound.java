package io.everwire.transport;

import io.everwire.CloseStatus;
import io.everwire.protocol.FrameWriter;
import io.everwire.protocol.Role;
import io.everwire.session.Liveness;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/**
 * The writing side of a connection. Frames of one turn are gathered in one buffer and flushed once; a message is taken off the
 * queue only when the channel has room, so that control frames overtake everything that is still queued.
 *
 * <p>What the kernel has taken is known without a promise per message: a flush that leaves nothing behind proves it, otherwise
 * an empty write behind it, a <i>fence</i>, completes when everything before it is written.
 */
final class Outbound implements Send.FrameOutput {
    private static final int GATHER_BYTES = 16 << 10;
    /** From here on a frame that is encoded already is not copied. */
    private static final int LONG_FRAME_BYTES = 2 << 10;

    private static final int ROUNDS_A_TURN = 64;

    /** The writer of every server. */
    static final FrameWriter UNMASKED = new FrameWriter(Role.SERVER, () -> 0);

    private final FrameWriter writer;
    private final @Nullable Compression compression;
    private @Nullable Connection borrower;
    private @Nullable ByteBuf gathered;
    private @Nullable Send current;
    private @Nullable ByteBuf pendingPong;
    private @Nullable Runnable afterWritten;
    private boolean isFlushNeeded;
    private boolean isClosed;
    private boolean isPumping;
    private int flushes;
    private int fences;
    private long fencedBytes;
    private int fencedMessages;
    /** What waited for the kernel when its progress was last looked at. */
    private long leftBytes = Long.MAX_VALUE;

    /** Handed over since the last fence: charged bytes, messages, and the last ping. */
    private long handedBytes;

    private int handedMessages;
    private long handedPing;
    private boolean hasHandedPing;

    /**
     * Makes one that nobody has.
     *
     * @param compression of the one connection that will ever have it; null for one that is lent to many
     */
    Outbound(FrameWriter writer, @Nullable Compression compression) {
        this.writer = writer;
        this.compression = compression;
    }

    /** Is lent to a connection that has something to write. */
    Outbound lendTo(Connection connection) {
        borrower = connection;
        leftBytes = Long.MAX_VALUE;
        return this;
    }

    /** Tells whether everything is with the kernel, so that there is nothing here that is the connection's. */
    boolean isIdle() {
        return compression == null
                && fences == 0
                && gathered == null
                && current == null
                && pendingPong == null
                && afterWritten == null
                && handedMessages == 0
                && handedBytes == 0
                && !hasHandedPing
                && !isFlushNeeded
                && !isPumping
                && flushes == 0
                && !isClosed;
    }

    /** Forgets its connection. */
    void comeBack() {
        borrower = null;
    }

    private Connection connection() {
        Connection connection = borrower;
        if (connection == null) {
            throw new AssertionError("nothing is written for nobody");
        }
        return connection;
    }

    private Channel channel() {
        return connection().channel();
    }

    private Liveness liveness() {
        return connection().liveness;
    }

    private ConnectionOwner owner() {
        return connection().owner;
    }

    /** Writes as much as the channel has room for, and flushes. */
    void pump(long now) {
        if (isClosed || isPumping) {
            return;
        }
        isPumping = true;
        try {
            for (int round = 0; round < ROUNDS_A_TURN; round++) {
                flushPong();
                boolean hasMore = fill(now);
                flush(now);
                if (isClosed) {
                    return;
                }
                if (!hasMore) {
                    if (channel().isWritable() && current == null) {
                        connection().handleDrained();
                        flush(now);
                    }
                    return;
                }
                if (!channel().isWritable()) {
                    return;
                }
            }
            channel().eventLoop().execute(connection()::pump);
        } finally {
            isPumping = false;
        }
    }

    /** Pumps, then lets liveness act on what happened. */
    void pumpAndSettle(long now) {
        pump(now);
        connection().afterInput(now);
    }

    /** Takes fragments off the queue until the buffer is full; returns whether there may be more. */
    private boolean fill(long now) {
        while (channel().isWritable() && gatheredBytes() < GATHER_BYTES) {
            Send send = current;
            if (send == null) {
                send = connection().takesSends() ? owner().pollSend(connection()) : null;
                if (send == null) {
                    return false;
                }
                current = send;
            }
            if (compression == null ? send.writeNext(this) : compression.writeNext(send, this)) {
                current = null;
                handedBytes += send.cost();
                handedMessages += send.isTransmission() ? 0 : 1;
                if (connection().counts(send.isTransmission())) {
                    send.number = liveness().handleMessageWritten(send.delivery != null, now);
                }
                send.release();
                owner().handleHanded(send);
            }
        }
        return true;
    }

    /** Writes a message past the queue, which the caller knows to be empty; returns false when there is no room for it. */
    boolean writeNow(boolean isText, ByteBuf payload, boolean isCounted, long now) {
        int length = payload.readableBytes();
        if (isClosed
                || current != null
                || length > Send.FRAGMENT_BYTES
                || !channel().isWritable()) {
            return false;
        }
        if (compression == null || !compression.writeNow(isText, payload, this)) {
            writeData(true, true, isText, payload, payload.readerIndex(), length);
        }
        if (isCounted) {
            liveness().handleMessageWritten(false, now);
        }
        return true;
    }

    @Override
    public void writeData(boolean isFirst, boolean isLast, boolean isText, ByteBuf payload, int offset, int bytes) {
        ByteBuf target = roomFor(bytes + FrameWriter.maxHeaderBytes());
        writer.writeData(target, isFirst, isLast, isText, payload, offset, bytes);
    }

    void writeCompressed(boolean isFirst, boolean isLast, boolean isText, ByteBuf payload, int offset, int bytes) {
        ByteBuf target = roomFor(bytes + FrameWriter.maxHeaderBytes());
        writer.writeCompressed(target, isFirst, isLast, isText, payload, offset, bytes);
    }

    @Override
    public void writeFrame(ByteBuf frame) {
        if (frame.readableBytes() < LONG_FRAME_BYTES) {
            roomFor(frame.readableBytes()).writeBytes(frame, frame.readerIndex(), frame.readableBytes());
        } else {
            handGathered();
            isFlushNeeded = true;
            channel().write(frame.retainedDuplicate(), channel().voidPromise());
        }
    }

    void writePing(long nonce, long sentNanos, long now) {
        writer.writePing(roomFor(2 * FrameWriter.maxHeaderBytes() + 2), nonce, sentNanos);
        handedPing = nonce;
        hasHandedPing = true;
        flush(now);
    }

    /**
     * Answers a ping. While the channel has no room only the latest answer is kept (RFC 6455 §5.5.3: "it MAY elect to send a
     * Pong frame for only the most recently processed Ping frame"), so a flood of pings costs no memory.
     */
    void writePong(ByteBuf payload) {
        if (channel().isWritable()) {
            writer.writePong(roomFor(payload.readableBytes() + FrameWriter.maxHeaderBytes()), payload);
        } else {
            dropPong();
            pendingPong = Unpooled.copiedBuffer(payload);
        }
    }

    private void flushPong() {
        ByteBuf pong = pendingPong;
        if (pong != null && channel().isWritable()) {
            writer.writePong(roomFor(pong.readableBytes() + FrameWriter.maxHeaderBytes()), pong);
            dropPong();
        }
    }

    private void dropPong() {
        if (pendingPong != null) {
            pendingPong.release();
            pendingPong = null;
        }
    }

    void writeClose(@Nullable CloseStatus status) {
        writer.writeClose(roomFor(128 + FrameWriter.maxHeaderBytes()), status);
        flush(RealClock.nanos());
    }

    /** Runs the task when everything written so far is in the kernel; never when the connection ends before. */
    void whenWritten(Runnable task) {
        flush(RealClock.nanos());
        if (fences == 0) {
            task.run();
        } else {
            afterWritten = task;
        }
    }

    private int gatheredBytes() {
        return gathered == null ? 0 : gathered.readableBytes();
    }

    private ByteBuf roomFor(int bytes) {
        ByteBuf buffer = gathered;
        if (buffer != null && buffer.writableBytes() < bytes) {
            handGathered();
            buffer = null;
        }
        if (buffer == null) {
            buffer = WriteBuffer.take(channel().alloc(), bytes, isFlushNeeded, fences > 0);
            gathered = buffer;
        }
        return buffer;
    }

    private void handGathered() {
        ByteBuf buffer = gathered;
        if (buffer != null) {
            gathered = null;
            isFlushNeeded = true;
            channel().write(buffer, channel().voidPromise());
        }
    }

    private void flush(long now) {
        handGathered();
        if (!isFlushNeeded || isClosed) {
            return;
        }
        isFlushNeeded = false;
        // What the kernel has taken may be told in between, and lead back here.
        flushes++;
        try {
            flushNow(now);
        } finally {
            flushes--;
        }
    }

    private void flushNow(long now) {
        channel().flush();
        ChannelOutboundBuffer buffer = channel().unsafe().outboundBuffer();
        if (isClosed || buffer == null) {
            return;
        }
        long bytes = handedBytes;
        int messages = handedMessages;
        boolean hasPing = hasHandedPing;
        // Before anything is settled, for that may write again.
        handedBytes = 0;
        handedMessages = 0;
        hasHandedPing = false;
        if (isDrained(buffer)) {
            liveness().handleWriteProgress(true, now);
            settleHanded(bytes, messages, hasPing, handedPing, now);
        } else {
            liveness().handleWriteBlocked(now);
            raiseFence(bytes, messages, hasPing, handedPing);
        }
    }

    /** Tells whether the kernel has everything; in TLS there may be something that waits to be encrypted, which only counts as bytes. */
    private static boolean isDrained(ChannelOutboundBuffer buffer) {
        return buffer.isEmpty() && buffer.totalPendingWriteBytes() == 0;
    }

    /** Notes what the kernel took of what waits, also when no fence is reached yet. */
    void noteProgress(long now) {
        ChannelOutboundBuffer buffer = channel().unsafe().outboundBuffer();
        if (isClosed || buffer == null || fences == 0) {
            return;
        }
        long left = buffer.totalPendingWriteBytes() - buffer.currentProgress();
        if (left < leftBytes) {
            liveness().handleWriteProgress(false, now);
        }
        leftBytes = left;
    }

    private void raiseFence(long bytes, int messages, boolean hasPing, long ping) {
        fences++;
        fencedBytes += bytes;
        fencedMessages += messages;
        ChannelPromise promise = channel().newPromise();
        promise.addListener(done -> {
            if (isClosed) {
                return;
            }
            fences--;
            fencedBytes -= bytes;
            fencedMessages -= messages;
            if (!done.isSuccess()) {
                owner().handleWritten(bytes, messages);
                return;
            }
            long now = RealClock.nanos();
            liveness().handleWriteProgress(fences == 0, now);
            settleHanded(bytes, messages, hasPing, ping, now);
            Runnable task = afterWritten;
            if (fences == 0 && task != null) {
                afterWritten = null;
                task.run();
            }
            pumpAndSettle(now);
        });
        channel().writeAndFlush(Unpooled.EMPTY_BUFFER, promise);
    }

    private void settleHanded(long bytes, int messages, boolean hasPing, long ping, long now) {
        if (hasPing) {
            liveness().handlePingFlushed(ping, now);
        }
        if (messages > 0) {
            owner().handleWritten(bytes, messages);
        }
    }

    /** Releases everything; a message that was handed over in part only goes back to its session. */
    void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        if (compression != null) {
            compression.close();
        }
        dropPong();
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
        owner().handleWritten(handedBytes + fencedBytes, handedMessages + fencedMessages);
    }

    /** Takes the message that was handed over in part only, null when there is none. */
    @Nullable Send takeUnfinished() {
        Send unfinished = current;
        current = null;
        return unfinished;
    }
}
