package io.everwire.store.file;

import io.everwire.Message;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore.Claim;
import io.everwire.session.resume.SessionStore.Durability;
import io.everwire.session.resume.SessionStore.Outcome;
import io.everwire.session.resume.SessionStore.Positions;
import io.everwire.session.resume.SessionStore.Tombstone;
import io.everwire.session.resume.SessionTable;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sessions, and the journal from which they can be told again. What a call comes to is decided by the table at once, and is real
 * when {@link #commit} has written it; if that fails, the table is made anew from the journal.
 *
 * <p>One thread at a time.
 */
final class Ledger implements Closeable {
    /** A journal is not made shorter before it has this size, in bytes. */
    private static final long LEAST_REWRITTEN = 4 << 20;
    /** So little more is tried to be saved when the disk refuses to take more, in bytes. */
    private static final long LEAST_SAVED = 64 << 10;
    /** How much of a new journal is written at once, in bytes. */
    private static final int FRAME_BYTES = 256 << 10;
    /** About what a record takes beside a payload, in bytes. */
    private static final int RECORD_BYTES = 70;

    private final Path file;
    private final Durability level;
    private final @Nullable String bootId;
    private final Frame frame = new Frame();
    private Journal journal;
    private SessionTable<Kept> table;
    private boolean isBroken;
    private long rewriteAt;

    /** What a journal says. */
    private record Loaded(Journal journal, Records records) {}

    private Ledger(Path file, Durability level, @Nullable String bootId, Loaded loaded) {
        this.file = file;
        this.level = level;
        this.bootId = bootId;
        this.journal = loaded.journal();
        this.table = loaded.records().table();
        this.rewriteAt = Math.max(LEAST_REWRITTEN, 2 * liveBytes());
    }

    /**
     * Opens a journal, or makes an empty one.
     *
     * @throws CorruptException when the journal was damaged, and not merely cut off where it was written last
     */
    static Ledger open(Path file, Durability level, @Nullable String bootId) throws IOException {
        if (!Files.exists(file)) {
            Path fresh = newNameOf(file);
            try (Journal journal = Journal.create(fresh)) {
                journal.force();
            }
            Directory.replace(fresh, file);
        }
        Loaded loaded = load(file, bootId, null);
        try {
            Ledger ledger = new Ledger(file, level, bootId, loaded);
            if (loaded.records().mayLackTail(bootId)) {
                ledger.table.doubtAll();
                Records.writeDoubt(ledger.frame);
            }
            Records.writeOpened(ledger.frame, level, bootId);
            // Whatever the level: what an earlier owner wrote, and that we are here now, must outlive a power cut.
            ledger.journal.write(ledger.frame, true);
            ledger.frame.clear();
            return ledger;
        } catch (IOException e) {
            loaded.journal().close();
            throw e;
        }
    }

    /**
     * Sees to it that the table says what the journal says, if the last commit failed.
     *
     * @throws IOException when that is still impossible; nothing may be called then but this
     */
    void recover() throws IOException {
        if (!isBroken) {
            return;
        }
        frame.clear();
        journal.close();
        become(load(file, bootId, journal));
        isBroken = false;
        // Perhaps the disk is full, and perhaps it is full of what nobody needs any more.
        rewriteAt = Math.max(LEAST_SAVED, 2 * liveBytes());
        rewriteIfWorthIt();
        if (isBroken) {
            throw new IOException(file + " was written anew and cannot be read");
        }
    }

    /** Makes real what was called since the last commit. If this throws, all of that has not happened. */
    void commit() throws IOException {
        if (frame.isEmpty()) {
            return;
        }
        isBroken = true;
        journal.write(frame, level == Durability.POWER);
        isBroken = false;
        frame.clear();
    }

    /** Marks the table as wrong, because a call ended in the middle. */
    void fail() {
        isBroken = true;
    }

    /** Returns how much waits for a commit, in bytes. */
    int pendingBytes() {
        return frame.size();
    }

    /**
     * Writes the journal anew, without what is no longer needed, when at least half of it is not. A failure costs nobody anything: the
     * old one is as good as ever, only long, and the next {@link #recover} puts right what was left behind.
     */
    void rewriteIfWorthIt() {
        if (isBroken || journal.length() < rewriteAt) {
            return;
        }
        rewriteAt = journal.length() + LEAST_REWRITTEN;
        Path fresh = newNameOf(file);
        try {
            try (Journal next = Journal.create(fresh)) {
                writeAll(next);
                next.force();
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                Files.deleteIfExists(fresh);
                return;
            }
            isBroken = true;
            Directory.replace(fresh, file);
            journal.close();
            become(load(file, bootId, journal));
            isBroken = false;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // What is broken is mended before the next call is heard.
        }
    }

    Outcome create(SessionId sid, long nowMillis, long ttlMillis) {
        return noting(sid, table.create(sid, nowMillis, ttlMillis));
    }

    Claim claim(SessionId sid, long attempt, long nowMillis, long ttlMillis) {
        boolean wasThere = table.state(sid) != null;
        Claim claim = table.claim(sid, attempt, nowMillis, ttlMillis);
        if (claim instanceof Claim.Claimed) {
            noting(sid, Outcome.DONE);
        } else if (wasThere && claim instanceof Claim.Gone gone) {
            Records.writeEnd(frame, sid, gone.tombstone());
        }
        return claim;
    }

    Outcome append(SessionId sid, long epoch, long first, List<Message> messages) {
        return table.append(
                sid,
                epoch,
                first,
                messages,
                (number, message) -> Records.writeMessage(frame, journal.length(), sid, number, message));
    }

    List<Kept> read(SessionId sid, long epoch, long from) {
        return table.read(sid, epoch, from);
    }

    Message fetch(Kept kept) throws IOException {
        return Message.copyOf(kept.isText(), journal.read(kept.offset(), kept.length()));
    }

    Outcome commitPositions(SessionId sid, long epoch, long received, long acknowledged) {
        return noting(sid, table.commit(sid, epoch, received, acknowledged));
    }

    Outcome renew(SessionId sid, long epoch, long nowMillis, long ttlMillis) {
        return noting(sid, table.renew(sid, epoch, nowMillis, ttlMillis));
    }

    Outcome end(SessionId sid, long epoch, @Nullable Tombstone tombstone) {
        Outcome outcome = table.end(sid, epoch, tombstone);
        if (outcome == Outcome.DONE) {
            Records.writeEnd(frame, sid, tombstone);
        }
        return outcome;
    }

    int sweep(long nowMillis) {
        return table.sweep(nowMillis, (sid, tombstone) -> Records.writeEnd(frame, sid, tombstone));
    }

    /** Notes that nothing is missing, and gives the file back. */
    @Override
    public void close() throws IOException {
        try {
            recover();
            Records.writeClosed(frame);
            commit();
            journal.force();
        } finally {
            journal.close();
        }
    }

    private Outcome noting(SessionId sid, Outcome outcome) {
        SessionTable.State state = outcome == Outcome.DONE ? table.state(sid) : null;
        if (state != null) {
            Records.writeSession(frame, sid, state);
        }
        return outcome;
    }

    private void become(Loaded loaded) {
        journal = loaded.journal();
        table = loaded.records().table();
        rewriteAt = Math.max(LEAST_REWRITTEN, 2 * liveBytes());
    }

    /**
     * Reads a journal.
     *
     * @param former what was open before, null for nothing; if it is the same file, what it does not vouch for is cut off first
     */
    private static Loaded load(Path file, @Nullable String bootId, @Nullable Journal former) throws IOException {
        Journal journal = Journal.open(file);
        try {
            if (former != null) {
                journal.cutAsIn(former);
            }
            Records records = new Records();
            journal.replay(records::read);
            if (journal.hasRest()) {
                // One frame is written at a time, so a process that is killed leaves one broken frame, and nothing
                // behind it. When the
                // power is cut, the kernel may have saved a later frame first; but then nobody was promised that they
                // would be there.
                if (!records.mayLackTail(bootId) && journal.hasFrameInRest()) {
                    throw new CorruptException(file + " is corrupt at byte " + journal.length()
                            + ", and whole records follow; nothing was changed");
                }
                journal.cutRest();
            }
            return new Loaded(journal, records);
        } catch (IOException e) {
            journal.close();
            throw e;
        }
    }

    private void writeAll(Journal next) throws IOException {
        Frame part = new Frame();
        Records.writeOpened(part, level, bootId);
        table.visit(new SessionTable.Visitor<>() {
            @Override
            public void onSession(SessionId sid, SessionTable.State state, Collection<Kept> messages) {
                Positions now = state.positions();
                Positions before = new Positions(now.received(), now.acknowledged(), now.acknowledged());
                Records.writeSession(
                        part,
                        sid,
                        new SessionTable.State(
                                state.epoch(), state.attempt(), before, state.expiresMillis(), state.isDoubted()));
                long number = now.acknowledged();
                for (Kept kept : messages) {
                    number++;
                    try {
                        Records.writeMessage(
                                part, sid, number, kept.isText(), journal.read(kept.offset(), kept.length()));
                        writeIfFull(next, part);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }

            @Override
            public void onTombstone(SessionId sid, Tombstone tombstone) {
                Records.writeEnd(part, sid, tombstone);
                try {
                    writeIfFull(next, part);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        next.write(part, false);
    }

    private static void writeIfFull(Journal next, Frame part) throws IOException {
        if (part.size() >= FRAME_BYTES) {
            next.write(part, false);
            part.clear();
        }
    }

    private long liveBytes() {
        long[] bytes = {0};
        table.visit(new SessionTable.Visitor<>() {
            @Override
            public void onSession(SessionId sid, SessionTable.State state, Collection<Kept> messages) {
                bytes[0] += RECORD_BYTES;
                for (Kept kept : messages) {
                    bytes[0] += RECORD_BYTES + kept.length();
                }
            }

            @Override
            public void onTombstone(SessionId sid, Tombstone tombstone) {
                bytes[0] += RECORD_BYTES;
            }
        });
        return bytes[0];
    }

    private static Path newNameOf(Path file) {
        return file.resolveSibling(file.getFileName() + ".new");
    }
}
