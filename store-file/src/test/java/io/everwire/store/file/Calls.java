package io.everwire.store.file;

import io.everwire.Message;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore;
import io.everwire.session.resume.SessionStore.Claim;
import io.everwire.session.resume.SessionStore.Durability;
import io.everwire.session.resume.SessionStore.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Calls of a store that are waited for, at one moment and with one time to live. */
final class Calls {
    static final long NOW = 1_800_000_000_000L;
    static final long TTL = 120_000;
    static final SessionId SID = new SessionId(7, 1);

    private static final long PATIENCE_SECONDS = 60;

    private Calls() {}

    static <T> T result(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("the test was interrupted", e);
        } catch (TimeoutException e) {
            throw new AssertionError("a stage did not complete within " + PATIENCE_SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        }
    }

    static Outcome begin(SessionStore store, SessionId sid) {
        return result(store.create(sid, NOW, TTL));
    }

    static Claim claim(SessionStore store, SessionId sid, long attempt) {
        return result(store.claim(sid, attempt, NOW, TTL));
    }

    static Outcome append(SessionStore store, SessionId sid, long epoch, long first, String... texts) {
        return result(store.append(
                sid, epoch, first, Stream.of(texts).map(Message::text).toList()));
    }

    static List<String> read(SessionStore store, SessionId sid, long epoch, long from) {
        return result(store.read(sid, epoch, from)).stream().map(Message::text).toList();
    }

    /** Opens a store as on a machine whose start has this name, null when that is not known. */
    static FileStore open(Path directory, Durability durability, @Nullable String bootId) {
        try {
            return FileStore.open(directory, durability, bootId);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies a directory as it is: what is left when its owner is killed now. */
    static Path image(Path directory, Path copy) {
        try {
            Files.createDirectories(copy);
            for (String name : List.of("key", "journal")) {
                Files.write(copy.resolve(name), Files.readAllBytes(directory.resolve(name)));
            }
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
