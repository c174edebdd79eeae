package io.everwire.store.file;

import io.everwire.LossReason;
import io.everwire.Message;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore.Durability;
import io.everwire.session.resume.SessionStore.Positions;
import io.everwire.session.resume.SessionStore.Tombstone;
import io.everwire.session.resume.SessionTable;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The records of version 1: a kind (1 byte) and its fields, integers big-endian. They say what came of a call and not what was
 * called, so reading them decides nothing.
 *
 * <pre>
 * 1 session   sid 16, epoch 8, attempt 8, received 8, sent 8, acknowledged 8, expires 8 (ms since 1970), is doubted 1
 * 2 message   sid 16, number 8, is text 1, length 4, payload
 * 3 end       sid 16, has tombstone 1, then: received 8, ended 8 (ms since 1970), reason: word
 * 4 opened    level: word, boot id: word, empty when unknown
 * 5 closed
 * 6 doubt     every session so far
 * word: length 1, ASCII
 * </pre>
 */
final class Records {
    private static final byte SESSION = 1;
    private static final byte MESSAGE = 2;
    private static final byte END = 3;
    private static final byte OPENED = 4;
    private static final byte CLOSED = 5;
    private static final byte DOUBT = 6;

    private final SessionTable<Kept> table = new SessionTable<>();
    private Durability level = Durability.POWER;
    private String bootId = "";
    private boolean isClosed;

    /** Returns what the records that were read amount to. */
    SessionTable<Kept> table() {
        return table;
    }

    /**
     * Tells whether writes that were reported as done may be missing: the last owner's words had reached the kernel only, it did
     * not close the store, and the machine was started anew since, for all we know.
     */
    boolean mayLackTail(@Nullable String bootIdNow) {
        return !isClosed && level == Durability.PROCESS && (bootIdNow == null || !bootIdNow.equals(bootId));
    }

    /**
     * Reads the records of one frame.
     *
     * @param offset where in the file they begin
     * @throws CorruptException when they make no sense
     */
    void read(long offset, ByteBuffer records) throws CorruptException {
        try {
            while (records.hasRemaining()) {
                readOne(offset, records);
            }
        } catch (IllegalArgumentException | BufferUnderflowException | NoSuchElementException e) {
            CorruptException corrupt = new CorruptException(
                    "a record before byte " + (offset + records.position()) + " makes no sense: " + e.getMessage());
            corrupt.initCause(e);
            throw corrupt;
        }
    }

    private void readOne(long offset, ByteBuffer in) {
        byte kind = in.get();
        isClosed = kind == CLOSED;
        switch (kind) {
            case SESSION -> table.restore(readSid(in), readState(in));
            case MESSAGE -> {
                SessionId sid = readSid(in);
                long number = in.getLong();
                boolean isText = in.get() != 0;
                int length = in.getInt();
                table.restoreMessage(sid, number, new Kept(offset + in.position(), length, isText));
                in.position(Math.addExact(in.position(), length));
            }
            case END -> table.restoreEnd(readSid(in), in.get() != 0 ? readTombstone(in) : null);
            case OPENED -> {
                level = Durability.valueOf(readWord(in));
                bootId = readWord(in);
            }
            case CLOSED -> {}
            case DOUBT -> table.doubtAll();
            default -> throw new IllegalArgumentException("there is no kind " + kind);
        }
    }

    private static SessionId readSid(ByteBuffer in) {
        return new SessionId(in.getLong(), in.getLong());
    }

    private static SessionTable.State readState(ByteBuffer in) {
        long epoch = in.getLong();
        long attempt = in.getLong();
        Positions positions = new Positions(in.getLong(), in.getLong(), in.getLong());
        return new SessionTable.State(epoch, attempt, positions, in.getLong(), in.get() != 0);
    }

    private static Tombstone readTombstone(ByteBuffer in) {
        long received = in.getLong();
        long endedMillis = in.getLong();
        return new Tombstone(LossReason.valueOf(readWord(in)), received, endedMillis);
    }

    private static String readWord(ByteBuffer in) {
        byte[] word = new byte[in.get() & 0xff];
        in.get(word);
        return new String(word, StandardCharsets.US_ASCII);
    }

    static void writeSession(Frame frame, SessionId sid, SessionTable.State state) {
        Positions positions = state.positions();
        begin(frame, SESSION, 65)
                .putLong(sid.high())
                .putLong(sid.low())
                .putLong(state.epoch())
                .putLong(state.attempt())
                .putLong(positions.received())
                .putLong(positions.sent())
                .putLong(positions.acknowledged())
                .putLong(state.expiresMillis())
                .put((byte) (state.isDoubted() ? 1 : 0));
    }

    /**
     * Writes a message.
     *
     * @return where in the frame its payload lies
     */
    static int writeMessage(Frame frame, SessionId sid, long number, boolean isText, ByteBuffer payload) {
        int length = payload.remaining();
        ByteBuffer out = begin(frame, MESSAGE, Math.addExact(29, length))
                .putLong(sid.high())
                .putLong(sid.low())
                .putLong(number)
                .put((byte) (isText ? 1 : 0))
                .putInt(length);
        int position = out.position();
        out.put(payload);
        return position;
    }

    /** Writes a message that the caller hands over as it is, and returns where its payload will be. */
    static Kept writeMessage(Frame frame, long frameOffset, SessionId sid, long number, Message message) {
        int position = writeMessage(frame, sid, number, message.isText(), message.bytes());
        return new Kept(frameOffset + position, message.length(), message.isText());
    }

    static void writeEnd(Frame frame, SessionId sid, @Nullable Tombstone tombstone) {
        ByteBuffer out = begin(frame, END, 17).putLong(sid.high()).putLong(sid.low());
        out.put((byte) (tombstone == null ? 0 : 1));
        if (tombstone != null) {
            frame.room(16).putLong(tombstone.received()).putLong(tombstone.endedMillis());
            writeWord(frame, tombstone.reason().name());
        }
    }

    static void writeOpened(Frame frame, Durability level, @Nullable String bootId) {
        begin(frame, OPENED, 0);
        writeWord(frame, level.name());
        writeWord(frame, bootId == null ? "" : bootId);
    }

    static void writeClosed(Frame frame) {
        begin(frame, CLOSED, 0);
    }

    static void writeDoubt(Frame frame) {
        begin(frame, DOUBT, 0);
    }

    private static ByteBuffer begin(Frame frame, byte kind, int bytes) {
        return frame.room(Math.addExact(1, bytes)).put(kind);
    }

    private static void writeWord(Frame frame, String word) {
        byte[] bytes = word.getBytes(StandardCharsets.US_ASCII);
        frame.room(1 + bytes.length).put((byte) bytes.length).put(bytes);
    }
}
