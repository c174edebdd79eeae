package io.everwire.store.file;

import io.everwire.Message;
import io.everwire.StartException;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in a directory: sessions outlive the process, also when it is killed, and at {@link Durability#POWER} the machine.
 *
 * <p>One thread of the store's own writes. It takes whatever was called meanwhile, writes it at once, and completes the stages;
 * so the more is called, the more a write carries.
 *
 * <p><b>The directory</b> holds {@code journal}, {@code key} (the server key) and {@code lock}, readable by their owner only, and belongs
 * to one open store at a time. Whoever copies it copies the power to resume its sessions.
 *
 * <p><b>After a power cut</b> at {@link Durability#PROCESS} the end of the journal may be missing. Where the machine was started anew
 * since the last owner wrote, and that one did not close the store, every session that is found is answered with
 * {@link io.everwire.LossReason#RESTARTED}. Whether the machine was started anew is known on Linux; elsewhere it is assumed.
 *
 * <p><b>Limits.</b> About 40 bytes of memory for each message that is kept, and about 300 for each session; payloads stay on disk. At
 * most 64 MiB wait for the disk, then {@link #append} fails. The journal is written anew when it is larger than 4 MiB and at
 * least half of it is no longer needed.
 *
 * <p><b>Errors.</b> When the disk refuses, for example because it is full, what was called fails with {@link StoreException} and has
 * not happened; later calls try again.
 *
 * <p><b>Thread safety.</b> Any thread. Stages complete on the store's thread: do not block there, and close the store elsewhere.
 */
public final class FileStore implements SessionStore {
    private static final Logger LOG = LoggerFactory.getLogger(FileStore.class);

    /** As much is written at once, in bytes, or one call if that is more. */
    private static final int BATCH_BYTES = 1 << 20;

    private static final int BATCH_CALLS = 10_000;
    /** As much may wait for the disk, in bytes. */
    private static final long WAITING_BYTES = 64 << 20;
    /** What a waiting message is charged beside its payload, in bytes. */
    private static final int MESSAGE_BYTES = 64;

    private final Directory directory;
    private final Durability durability;
    private final byte[] serverKey;
    private final Ledger ledger;
    private final BlockingQueue<Order<?>> orders = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Thread writer;
    /** Guarded by orders. */
    private boolean isClosed;

    private volatile @Nullable StoreException closingFailure;

    /** What a call means to the sessions, on the store's thread. */
    @FunctionalInterface
    private interface Call<T> {
        /** Decides; what is answered is asked when the decision is written. */
        Answer<T> apply(Ledger ledger);
    }

    @FunctionalInterface
    private interface Answer<T> {
        T give() throws IOException;
    }

    private FileStore(Directory directory, Durability durability, byte[] serverKey, Ledger ledger) {
        this.directory = directory;
        this.durability = durability;
        this.serverKey = serverKey;
        this.ledger = ledger;
        writer = new Thread(this::write, "everwire-store");
        // An application that forgets to close must still be able to end; what was reported as done is safe.
        writer.setDaemon(true);
    }

    /**
     * Opens a store at {@link Durability#PROCESS}.
     *
     * @see #open(Path, Durability)
     */
    public static FileStore open(Path directory) {
        return open(directory, Durability.PROCESS);
    }

    /**
     * Opens a store, or makes one.
     *
     * @param directory for this store alone; made if it is not there
     * @param durability {@link Durability#PROCESS}: the kernel has a write before its stage completes; {@link Durability#POWER}: the disk has it
     * @throws StartException when another process has the directory, or its files are missing, damaged, or cannot be written;
     *     nothing is deleted then
     * @throws IllegalArgumentException for {@link Durability#MEMORY}
     */
    public static FileStore open(Path directory, Durability durability) {
        if (durability == Durability.MEMORY) {
            throw new IllegalArgumentException("a store on disk keeps more than MEMORY; use MemoryStore for that");
        }
        try {
            return open(directory, durability, Directory.bootId());
        } catch (CorruptException e) {
            throw new StartException(
                    e.getMessage() + "; restore " + directory + " from a copy, or move it away and begin anew", e);
        } catch (IOException e) {
            throw new StartException("cannot open the store in " + directory + ": " + reason(e), e);
        }
    }

    /**
     * Opens a store on a machine that was started at a moment.
     *
     * @param bootId names the moment, null when it is not known
     */
    static FileStore open(Path directory, Durability durability, @Nullable String bootId) throws IOException {
        Directory taken = Directory.take(directory);
        try {
            Path journal = taken.file("journal");
            boolean isKept = Files.exists(journal);
            if (!isKept && Files.exists(taken.file("key"))) {
                LOG.warn(
                        "{} is missing beside its key: the sessions that were kept there are lost, and their clients begin anew;"
                                + " if it was moved away, stop this server and put it back",
                        journal);
            }
            byte[] key = taken.serverKey(isKept);
            FileStore store = new FileStore(taken, durability, key, Ledger.open(journal, durability, bootId));
            store.writer.start();
            return store;
        } catch (IOException | RuntimeException e) {
            taken.close();
            throw e;
        }
    }

    @Override
    public Durability durability() {
        return durability;
    }

    @Override
    public byte[] serverKey() {
        return serverKey.clone();
    }

    @Override
    public CompletionStage<Outcome> create(SessionId sid, long nowMillis, long ttlMillis) {
        return order(ledger -> decided(ledger.create(sid, nowMillis, ttlMillis)));
    }

    @Override
    public CompletionStage<Claim> claim(SessionId sid, long attempt, long nowMillis, long ttlMillis) {
        return order(ledger -> decided(ledger.claim(sid, attempt, nowMillis, ttlMillis)));
    }

    @Override
    public CompletionStage<Outcome> append(SessionId sid, long epoch, long first, List<Message> messages) {
        List<Message> copy = List.copyOf(messages);
        long bytes = 0;
        for (Message message : copy) {
            bytes += MESSAGE_BYTES + message.length();
        }
        return order(bytes, ledger -> decided(ledger.append(sid, epoch, first, copy)));
    }

    @Override
    public CompletionStage<List<Message>> read(SessionId sid, long epoch, long from) {
        return order(ledger -> {
            List<Kept> kept = ledger.read(sid, epoch, from);
            return () -> {
                List<Message> messages = new ArrayList<>(kept.size());
                for (Kept each : kept) {
                    messages.add(ledger.fetch(each));
                }
                return messages;
            };
        });
    }

    @Override
    public CompletionStage<Outcome> commit(SessionId sid, long epoch, long received, long acknowledged) {
        return order(ledger -> decided(ledger.commitPositions(sid, epoch, received, acknowledged)));
    }

    @Override
    public CompletionStage<Outcome> renew(SessionId sid, long epoch, long nowMillis, long ttlMillis) {
        return order(ledger -> decided(ledger.renew(sid, epoch, nowMillis, ttlMillis)));
    }

    @Override
    public CompletionStage<Outcome> end(SessionId sid, long epoch, @Nullable Tombstone tombstone) {
        return order(ledger -> decided(ledger.end(sid, epoch, tombstone)));
    }

    @Override
    public CompletionStage<Integer> sweep(long nowMillis) {
        return order(ledger -> decided(ledger.sweep(nowMillis)));
    }

    /**
     * Writes what was called before, notes that nothing is missing, and gives the directory back. What is called later fails. Waits
     * for all that; a second call does nothing but wait.
     *
     * @throws StoreException when the note could not be written; what was reported as done is as safe as before
     */
    @Override
    public void close() {
        synchronized (orders) {
            if (!isClosed) {
                isClosed = true;
                orders.add(new Order<Void>(0, null));
            }
        }
        boolean wasInterrupted = false;
        while (Thread.currentThread() != writer && writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                wasInterrupted = true;
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
        StoreException failure = closingFailure;
        if (failure != null) {
            throw failure;
        }
    }

    private static <T> Answer<T> decided(T outcome) {
        return () -> outcome;
    }

    private <T> CompletionStage<T> order(Call<T> call) {
        return order(0, call);
    }

    private <T> CompletionStage<T> order(long bytes, Call<T> call) {
        Order<T> order = new Order<>(bytes, call);
        synchronized (orders) {
            if (isClosed) {
                return CompletableFuture.failedStage(new StoreException("the store is closed; open it again"));
            }
            long waiting = waitingBytes.get();
            if (waiting > 0 && waiting + bytes > WAITING_BYTES) {
                return CompletableFuture.failedStage(
                        new StoreException(waiting + " bytes wait for the disk already, and at most " + WAITING_BYTES
                                + " may; repeat this later"));
            }
            waitingBytes.addAndGet(bytes);
            orders.add(order);
        }
        return order.stage;
    }

    private void write() {
        List<Order<?>> batch = new ArrayList<>();
        boolean isLast = false;
        while (!isLast) {
            Order<?> next = take();
            // An interrupt, left behind by what depends on a stage, would close the file.
            Thread.interrupted();
            Throwable failure = recover();
            while (next != null && !next.isLast()) {
                batch.add(next);
                failure = failure == null ? decide(next) : failure;
                boolean isFull = batch.size() == BATCH_CALLS || ledger.pendingBytes() >= BATCH_BYTES;
                next = isFull ? null : orders.poll();
            }
            isLast = next != null;
            settle(batch, failure == null ? commit() : failure);
            batch.clear();
        }
        try {
            try {
                ledger.close();
            } finally {
                directory.close();
            }
        } catch (IOException e) {
            closingFailure = failed(e);
        }
    }

    private Order<?> take() {
        while (true) {
            try {
                return orders.take();
            } catch (InterruptedException e) {
                // Only what depends on a stage can have interrupted this thread, and there is nothing to interrupt.
            }
        }
    }

    private @Nullable Throwable recover() {
        try {
            ledger.recover();
            return null;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            return e;
        }
    }

    private @Nullable Throwable decide(Order<?> order) {
        try {
            order.decide(ledger);
            return null;
        } catch (RuntimeException | OutOfMemoryError e) {
            ledger.fail();
            return e;
        }
    }

    private @Nullable Throwable commit() {
        try {
            ledger.commit();
            return null;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            return e;
        }
    }

    private void settle(List<Order<?>> batch, @Nullable Throwable failure) {
        for (Order<?> order : batch) {
            waitingBytes.addAndGet(-order.bytes);
            if (failure == null) {
                // What depends on the stage before may have interrupted this thread, which would close the file.
                Thread.interrupted();
                StoreException unread = order.answer(this::failed);
                if (unread != null) {
                    ledger.fail();
                }
            } else {
                order.stage.completeExceptionally(failed(failure));
            }
        }
        if (failure == null) {
            ledger.rewriteIfWorthIt();
        }
    }

    private StoreException failed(Throwable cause) {
        String reason = cause instanceof IOException e ? reason(e) : cause.toString();
        return new StoreException(
                "the store in " + directory + " could not read or write: " + reason
                        + "; what was reported as done is safe, and this can be repeated",
                cause);
    }

    /** Returns what went wrong: an exception about a file often says only which, and its class the rest. */
    private static String reason(IOException e) {
        if (!(e instanceof FileSystemException failure) || failure.getReason() != null) {
            return e.getMessage() == null ? e.toString() : e.getMessage();
        }
        String file = failure.getFile();
        if (e instanceof NoSuchFileException) {
            return file + " is not there, and nothing can be made in its place";
        }
        if (e instanceof AccessDeniedException) {
            return "this process has no permission for " + file;
        }
        return e instanceof FileAlreadyExistsException ? file + " is a file and no directory" : e.toString();
    }

    /** A call that waits for its turn; without a call, the last. */
    private static final class Order<T> {
        final CompletableFuture<T> stage = new CompletableFuture<>();
        final long bytes;
        private final @Nullable Call<T> call;
        private @Nullable Answer<T> answer;

        Order(long bytes, @Nullable Call<T> call) {
            this.bytes = bytes;
            this.call = call;
        }

        boolean isLast() {
            return call == null;
        }

        void decide(Ledger ledger) {
            if (call != null) {
                try {
                    answer = call.apply(ledger);
                } catch (IllegalArgumentException | IllegalStateException refused) {
                    stage.completeExceptionally(refused);
                }
            }
        }

        /** Completes the stage; returns what came in between, null for nothing. */
        @Nullable StoreException answer(Function<Throwable, StoreException> failed) {
            if (answer != null) {
                try {
                    stage.complete(answer.give());
                } catch (IOException | OutOfMemoryError e) {
                    StoreException failure = failed.apply(e);
                    stage.completeExceptionally(failure);
                    return failure;
                }
            }
            return null;
        }
    }
}
