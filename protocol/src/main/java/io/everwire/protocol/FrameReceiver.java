package io.everwire.protocol;

import io.everwire.CloseStatus;
import io.everwire.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The receiving side of one WebSocket connection after the opening handshake: bytes in, messages out (RFC 6455 §5, §6.2,
 * §7, §8.1).
 *
 * <p>It is a cursor. After each {@link #handleBytes} call {@link #next()} until it answers {@link Event#NEED_BYTES}; in
 * between, the accessors describe the event. A message that lies whole in one frame and one read is decoded in place: no
 * copy, no allocation. What is incomplete at the end of a read waits in one buffer that grows with what has arrived.
 *
 * <p>Everything valid is yielded before the failure that follows it, so a peer's last messages are not lost to its next
 * mistake. No input makes this class throw: what breaks a rule becomes {@link Event#FAILED}. Not thread-safe; one
 * connection, one receiver.
 */
public final class FrameReceiver {
    /** What {@link #next()} found. */
    public enum Event {
        /** Nothing complete remains; also the only answer after {@link #CLOSE}, {@link #FAILED} and {@link #close()}. */
        NEED_BYTES,
        /** A text message, valid UTF-8. */
        TEXT,
        /** A binary message. */
        BINARY,
        /** A ping, to be answered with a pong of the same payload (RFC 6455 §5.5.2). */
        PING,
        /** A pong, asked for or not (RFC 6455 §5.5.3). */
        PONG,
        /** A valid close frame; whatever follows it is discarded (RFC 6455 §1.4). */
        CLOSE,
        /** A rule was broken: fail the connection with {@link #failure()} (RFC 6455 §7.1.7). */
        FAILED
    }

    /** {@code RECEIVING} leads to each of the others, and from them nothing leads anywhere. */
    private enum State {
        RECEIVING,
        CLOSE_RECEIVED,
        FAILED,
        RELEASED
    }

    /** Of the two bytes that begin a header, those of the short length. */
    private static final int SHORT_LENGTH = 0x7F;

    private final Role role;
    private final ByteBufAllocator allocator;
    private final FrameHeader header;
    private final ArrivingMessage message;
    private final HeldBytes held;
    private final @Nullable MessageInflater inflater;

    /** How the whole of a message in one short frame begins, but for its length, and how many bytes its header has. */
    private final int shortText;

    private final int shortBinary;
    private final int shortHeaderBytes;
    private final int mostShortBytes;

    private State state = State.RECEIVING;
    /** What was received and is not decoded yet stands in {@code input} from {@code position} to {@code end}. */
    private ByteBuf input = Unpooled.EMPTY_BUFFER;

    private int position;
    private int end;
    private boolean isInputOurs;
    /** The bytes of the arriving frame's payload that have not arrived, and the key for the first of them. */
    private int missingBytes;

    private int maskingKey;
    /** How many of the held bytes belong to the arriving message; those behind are a control frame's. */
    private int messageBytesHeld;

    private @Nullable ByteBuf payload;
    private @Nullable CloseStatus closeStatus;
    private @Nullable CloseStatus failure;

    /**
     * Makes the receiver of a new connection.
     *
     * @param role whose endpoint this is: a server requires masked frames, a client refuses them
     * @param limits of which {@link Limits#messageBytes()} and {@link Limits#fragments()} are obeyed
     * @param allocator where the buffer for incomplete messages comes from
     */
    public FrameReceiver(Role role, Limits limits, ByteBufAllocator allocator) {
        this(role, limits, allocator, null);
    }

    /**
     * Makes the receiver of a new connection whose peer may send compressed messages (RFC 7692).
     *
     * @param inflater inflates them; null when no extension is agreed on
     */
    public FrameReceiver(Role role, Limits limits, ByteBufAllocator allocator, @Nullable MessageInflater inflater) {
        this.role = role;
        this.allocator = allocator;
        this.inflater = inflater;
        header = new FrameHeader(role, inflater != null);
        message = new ArrivingMessage(limits);
        int maskBit = role == Role.SERVER ? FrameHeader.MASK : 0;
        shortText = (FrameHeader.FIN | Opcode.TEXT) << Byte.SIZE | maskBit;
        shortBinary = (FrameHeader.FIN | Opcode.BINARY) << Byte.SIZE | maskBit;
        shortHeaderBytes = FrameHeader.START_BYTES + (maskBit == 0 ? 0 : FrameHeader.KEY_BYTES);
        mostShortBytes = Math.min(FrameHeader.LENGTH_IN_2_BYTES - 1, limits.messageBytes());
        long mostBytes =
                inflater == null ? limits.messageBytes() : MessageInflater.mostCompressedBytes(limits.messageBytes());
        held = new HeldBytes(allocator, mostBytes + FrameHeader.MAX_CONTROL_PAYLOAD);
    }

    /**
     * Hands over bytes of the connection, in order. Invalidates the last payload; yields nothing by itself: call
     * {@link #next()}. Bytes after a close frame, a failure or {@link #close()} are discarded.
     *
     * @param received a writable buffer nobody else uses; this receiver releases it, and unmasks in place
     */
    public void handleBytes(ByteBuf received) {
        payload = null;
        if (state != State.RECEIVING || !received.isReadable()) {
            received.release();
        } else if (position == end) {
            releaseInput();
            input = received;
            position = received.readerIndex();
            end = received.writerIndex();
        } else {
            appendToInput(received);
        }
    }

    /** Joins what is undelivered and what came since; room for as much again keeps many small reads linear. */
    private void appendToInput(ByteBuf received) {
        try {
            int incoming = received.readableBytes();
            if (!isInputOurs || incoming > input.capacity() - end) {
                int undelivered = end - position;
                ByteBuf larger = allocator.buffer(undelivered + Math.max(undelivered, incoming));
                larger.setBytes(0, input, position, undelivered);
                releaseInput();
                input = larger;
                isInputOurs = true;
                end = undelivered;
            }
            input.setBytes(end, received, received.readerIndex(), incoming);
            end += incoming;
        } finally {
            received.release();
        }
    }

    /** Advances to the next event and says which it is. Invalidates the last payload. */
    public Event next() {
        payload = null;
        if (!isInsideControlPayload()) {
            held.truncate(messageBytesHeld);
        }
        while (state == State.RECEIVING) {
            Event event = header.isBegun() || message.isBegun() ? null : readShort();
            if (event == null) {
                event = header.isComplete() ? readPayload() : readHeader();
            }
            if (event != null) {
                return event;
            }
        }
        return Event.NEED_BYTES;
    }

    private boolean isInsideControlPayload() {
        return header.isComplete() && header.isControl();
    }

    /**
     * Reads a message of one short frame that lies whole in the input, as most do, by one look at its header. Returns null, and has
     * done nothing, when the next bytes are not the beginning of such a frame: they may be anything else, also what breaks a rule.
     */
    private @Nullable Event readShort() {
        int index = position + shortHeaderBytes;
        if (index > end) {
            return null;
        }
        int start = input.getUnsignedShort(position);
        int length = start & SHORT_LENGTH;
        boolean isText = (start & ~SHORT_LENGTH) == shortText;
        boolean isShort = (isText || (start & ~SHORT_LENGTH) == shortBinary) && length <= mostShortBytes;
        if (!isShort || length > end - index) {
            return null;
        }
        if (role == Role.SERVER) {
            Masker.mask(input, index, length, input.getInt(position + FrameHeader.START_BYTES));
        }
        position = index + length;
        CloseStatus broken = message.handleWhole(isText, input, index, length);
        if (broken != null) {
            return fail(broken);
        }
        payload = input.setIndex(index, index + length);
        return isText ? Event.TEXT : Event.BINARY;
    }

    private @Nullable Event readHeader() {
        position = header.read(input, position, end);
        CloseStatus broken = header.failure();
        if (broken == null && header.isComplete() && !header.isControl()) {
            broken = message.handleHeader(header);
        }
        if (broken != null) {
            return fail(broken);
        }
        if (!header.isComplete()) {
            return needBytes();
        }
        missingBytes = (int) header.length();
        maskingKey = header.maskingKey();
        return null;
    }

    private @Nullable Event readPayload() {
        int index = position;
        int length = Math.min(missingBytes, end - position);
        if (role == Role.SERVER) {
            Masker.mask(input, index, length, maskingKey);
            maskingKey = Masker.keyAfter(maskingKey, length);
        }
        position += length;
        missingBytes -= length;
        return header.isControl() ? readControl(index, length) : readData(index, length);
    }

    private @Nullable Event readData(int index, int length) {
        CloseStatus broken = message.handlePayload(input, index, length);
        if (broken != null) {
            return fail(broken);
        }
        boolean isComplete = missingBytes == 0 && header.isLast();
        boolean isInPlace = isComplete && messageBytesHeld == 0;
        if (!isInPlace) {
            held.append(input, index, length);
            messageBytesHeld = held.size();
        }
        if (missingBytes > 0) {
            return needBytes();
        }
        header.reset();
        if (!isComplete) {
            return null;
        }
        broken = message.handleEnd();
        if (broken != null) {
            return fail(broken);
        }
        ByteBuf whole = isInPlace ? input.setIndex(index, index + length) : held.view(0, messageBytesHeld);
        if (message.isCompressed()) {
            broken = inflate(whole);
            if (broken != null) {
                return fail(broken);
            }
            whole = held.view(0, held.size());
        }
        payload = whole;
        Event event = message.isText() ? Event.TEXT : Event.BINARY;
        messageBytesHeld = 0;
        message.reset();
        return event;
    }

    /** Puts the message that a compressed one stands for in the place of the held bytes; returns why it is refused, or null. */
    private @Nullable CloseStatus inflate(ByteBuf compressed) {
        MessageInflater ours = inflater;
        if (ours == null) {
            throw new AssertionError("a header that is marked as compressed is refused when nothing was agreed on");
        }
        ByteBuf inflated = ours.inflate(compressed, compressed.readerIndex(), compressed.readableBytes());
        if (inflated == null) {
            return ours.failure();
        }
        held.replace(inflated);
        return message.handleInflated(inflated);
    }

    private @Nullable Event readControl(int index, int length) {
        boolean isInPlace = missingBytes == 0 && held.size() == messageBytesHeld;
        if (!isInPlace) {
            held.append(input, index, length);
        }
        if (missingBytes > 0) {
            return needBytes();
        }
        header.reset();
        ByteBuf view = isInPlace ? input.setIndex(index, index + length) : held.view(messageBytesHeld, held.size());
        if (header.opcode() == Opcode.CLOSE) {
            return handleClose(view);
        }
        payload = view;
        return header.opcode() == Opcode.PING ? Event.PING : Event.PONG;
    }

    /** RFC 6455 §5.4 lets a close frame, too, come between the fragments of a message, which then never ends. */
    private Event handleClose(ByteBuf view) {
        CloseStatus broken = ClosePayload.failure(view, view.readerIndex(), view.readableBytes());
        if (broken != null) {
            return fail(broken);
        }
        closeStatus = ClosePayload.read(view, view.readerIndex(), view.readableBytes());
        transitionTo(State.CLOSE_RECEIVED);
        return Event.CLOSE;
    }

    private Event fail(CloseStatus broken) {
        failure = broken;
        transitionTo(State.FAILED);
        return Event.FAILED;
    }

    private Event needBytes() {
        releaseInput();
        return Event.NEED_BYTES;
    }

    private void transitionTo(State next) {
        state = next;
        payload = null;
        header.reset();
        message.reset();
        messageBytesHeld = 0;
        held.release();
        releaseInput();
    }

    private void releaseInput() {
        input.release();
        input = Unpooled.EMPTY_BUFFER;
        isInputOurs = false;
        position = 0;
        end = 0;
    }

    /**
     * Returns the payload of the message, ping or pong: its readable bytes. It is borrowed until the next call of
     * {@link #next()}, {@link #handleBytes} or {@link #close()}; copy what must outlive that.
     *
     * @throws IllegalStateException when the last event has no payload, or it was invalidated
     */
    public ByteBuf payload() {
        ByteBuf current = payload;
        if (current == null) {
            throw new IllegalStateException("there is no payload now; ask between next() and the call after it");
        }
        return current;
    }

    /**
     * Returns what the peer's close frame said; null when it was empty, which is close code 1005 (RFC 6455 §7.1.5).
     *
     * @throws IllegalStateException when no close frame was received
     */
    public @Nullable CloseStatus closeStatus() {
        if (state != State.CLOSE_RECEIVED) {
            throw new IllegalStateException("no close frame was received; the receiver's state is " + state);
        }
        return closeStatus;
    }

    /**
     * Returns the close status to fail the connection with; its reason says in numbers what the peer did.
     *
     * @throws IllegalStateException when nothing has failed
     */
    public CloseStatus failure() {
        CloseStatus broken = failure;
        if (broken == null) {
            throw new IllegalStateException("nothing has failed; the receiver's state is " + state);
        }
        return broken;
    }

    /** Tells whether nothing is incomplete, so that it might be the receiver of a new connection; one with an inflater is never another's. Meaningful after {@link Event#NEED_BYTES}. */
    public boolean isIdle() {
        return state == State.RECEIVING
                && inflater == null
                && position == end
                && messageBytesHeld == 0
                && held.size() == 0
                && !header.isBegun()
                && !message.isBegun();
    }

    /** Tells whether a frame has begun to arrive and is not complete. Meaningful after {@link Event#NEED_BYTES}. */
    public boolean isInsideFrame() {
        return header.isBegun();
    }

    /** Tells whether a text or binary message has begun to arrive and is not complete. */
    public boolean isInsideMessage() {
        return message.isBegun();
    }

    /** Returns a number that each header and each byte of payload of a data frame makes larger, and no control frame does. */
    public long dataProgress() {
        return message.progress();
    }

    /**
     * Returns how many bytes are kept: those of the incomplete message and control frame, and those received and not
     * decoded yet. The header of an incomplete frame is not kept as bytes and does not count.
     */
    public int bufferedBytes() {
        return held.size() + (end - position);
    }

    /** Releases every buffer; what follows is discarded. Calling it again does nothing. */
    public void close() {
        if (state == State.RECEIVING) {
            transitionTo(State.RELEASED);
        }
        payload = null;
    }
}
