package io.everwire.store.file;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * A file of frames that only grows.
 *
 * <p>It begins with a magic word (8 bytes), the version of the format (4), a mark (8), and a CRC-32C over these (4). The mark is random and begins each
 * frame. So a frame can be told from a message that looks like one, for nobody outside knows the mark.
 */
final class Journal implements Closeable {
    static final int VERSION = 1;

    private static final long MAGIC = 0x4556_4552_5749_5245L;
    private static final int HEADER_BYTES = 24;
    /** The JDK copies each write to a buffer of its size outside the heap and keeps that buffer. */
    private static final int SLICE_BYTES = 256 * 1024;

    private final Path file;
    private final FileChannel channel;
    private final long mark;
    /** Where the last frame ends that is known to be whole. */
    private long length = HEADER_BYTES;

    /** Is shown the frames of a file. */
    @FunctionalInterface
    interface Reader {
        /**
         * Reads the records of one frame.
         *
         * @param offset where in the file they begin
         */
        void read(long offset, ByteBuffer records) throws IOException;
    }

    private Journal(Path file, FileChannel channel, long mark) {
        this.file = file;
        this.channel = channel;
        this.mark = mark;
    }

    /** Makes an empty journal in place of what is there. */
    static Journal create(Path file) throws IOException {
        FileChannel channel = Directory.createPrivate(file);
        try {
            long mark = new SecureRandom().nextLong();
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES)
                    .putLong(MAGIC)
                    .putInt(VERSION)
                    .putLong(mark);
            header.putInt(Frame.checksum(mark, VERSION, header.duplicate().flip()))
                    .flip();
            Journal journal = new Journal(file, channel, mark);
            journal.writeFully(header, 0);
            return journal;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Opens a journal that is there; {@link #replay} comes next.
     *
     * @throws CorruptException when it does not begin like one, or is of a version that is not known
     */
    static Journal open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (channel.size() < HEADER_BYTES) {
                throw new CorruptException(file + " is no journal of sessions: it has " + channel.size() + " bytes");
            }
            ByteBuffer header = readFully(channel, 0, HEADER_BYTES);
            if (header.getLong(0) != MAGIC) {
                throw new CorruptException(file + " is no journal of sessions: it does not begin like one");
            }
            int version = header.getInt(8);
            long mark = header.getLong(12);
            if (Frame.checksum(mark, version, header.duplicate().limit(20)) != header.getInt(20)) {
                throw new CorruptException(file + " is corrupt: its first " + HEADER_BYTES + " bytes were changed");
            }
            if (version != VERSION) {
                throw new CorruptException(file + " has version " + version + " of the format, and only " + VERSION
                        + " is known here; open it with the version of Everwire that wrote it");
            }
            return new Journal(file, channel, mark);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Reads all frames up to the first that is not whole; {@link #length} is then where that one begins. */
    void replay(Reader reader) throws IOException {
        long size = channel.size();
        length = HEADER_BYTES;
        for (ByteBuffer records = frameAt(length, size); records != null; records = frameAt(length, size)) {
            int bytes = records.remaining();
            reader.read(length + Frame.HEADER_BYTES, records);
            length += Frame.HEADER_BYTES + bytes;
        }
    }

    /** Tells whether something follows the last whole frame. */
    boolean hasRest() throws IOException {
        return channel.size() > length;
    }

    /** Tells whether a whole frame follows somewhere behind one that is not whole: then the file was not merely cut off. */
    boolean hasFrameInRest() throws IOException {
        long size = channel.size();
        int overlap = Frame.HEADER_BYTES - 1;
        for (long at = length + 1; at + Frame.HEADER_BYTES <= size; at += SLICE_BYTES) {
            ByteBuffer slice = readFully(channel, at, (int) Math.min(SLICE_BYTES + overlap, size - at));
            for (int i = 0; i + Frame.HEADER_BYTES <= slice.limit(); i++) {
                if (slice.getLong(i) == mark && frameAt(at + i, size) != null) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Cuts off what was written and not vouched for. A frame that the disk refused to force looks whole, and yet may not be there after
     * a power cut.
     *
     * @param former a journal that was open before; if it was another file, nothing is done
     */
    void cutAsIn(Journal former) throws IOException {
        if (former.mark == mark && channel.size() > former.length) {
            length = former.length;
            cutRest();
        }
    }

    /** Cuts off what follows the last whole frame. */
    void cutRest() throws IOException {
        channel.truncate(length);
        channel.force(true);
    }

    /** Returns the size up to the end of the last whole frame, in bytes. */
    long length() {
        return length;
    }

    /**
     * Appends a frame. If this throws, the frame may be there in part, and nothing may be written before {@link #cutRest}.
     *
     * @param isForced whether the disk must have it
     */
    void write(Frame frame, boolean isForced) throws IOException {
        ByteBuffer bytes = frame.seal(mark);
        int size = bytes.remaining();
        writeFully(bytes, length);
        if (isForced) {
            force();
        }
        length += size;
    }

    void force() throws IOException {
        channel.force(false);
    }

    /** Returns bytes of a frame that was written or replayed. */
    ByteBuffer read(long offset, int bytes) throws IOException {
        return readFully(channel, offset, bytes);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public String toString() {
        return file.toString();
    }

    /** Returns the records of the frame that begins there, null when it is not whole. */
    private @Nullable ByteBuffer frameAt(long offset, long size) throws IOException {
        if (offset + Frame.HEADER_BYTES > size) {
            return null;
        }
        ByteBuffer header = readFully(channel, offset, Frame.HEADER_BYTES);
        int bytes = header.getInt(8);
        if (header.getLong(0) != mark || bytes < 0 || bytes > size - offset - Frame.HEADER_BYTES) {
            return null;
        }
        ByteBuffer records = readFully(channel, offset + Frame.HEADER_BYTES, bytes);
        return Frame.checksum(mark, bytes, records.duplicate()) == header.getInt(12) ? records : null;
    }

    private void writeFully(ByteBuffer bytes, long offset) throws IOException {
        long at = offset;
        int end = bytes.limit();
        while (bytes.position() < end) {
            bytes.limit(Math.min(end, bytes.position() + SLICE_BYTES));
            at += channel.write(bytes, at);
        }
    }

    private static ByteBuffer readFully(FileChannel channel, long offset, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            buffer.limit(Math.min(bytes, buffer.position() + SLICE_BYTES));
            if (channel.read(buffer, offset + buffer.position()) < 0) {
                throw new EOFException("the file ends " + buffer.remaining() + " bytes too early");
            }
            if (buffer.position() == buffer.limit()) {
                buffer.limit(bytes);
            }
        }
        return buffer.flip();
    }
}
