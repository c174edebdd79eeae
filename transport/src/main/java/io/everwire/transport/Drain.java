package io.everwire.transport;

import io.everwire.CloseStatus;
import io.everwire.Session;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Closes the connections of many sessions, spread over a while, so that those who come back do not come all at once. */
public final class Drain {
    private Drain() {}

    /**
     * Begins. The order is random, and each session is given its own share of the window, in which its time is random, too.
     *
     * @param window zero closes all at once
     * @param url where clients of sessions that can be resumed are asked to move to within the first half of the window; those that
     *     have not at its end are closed. Null asks nobody
     * @return completes when all their connections have ended, or a closing handshake's time after the window at the latest
     */
    public static CompletionStage<Void> begin(
            Collection<? extends Session> sessions,
            CloseStatus status,
            Duration window,
            @Nullable String url,
            Duration closeTimeout,
            EventLoops loops) {
        List<Session> shuffled = new ArrayList<>(sessions);
        ThreadLocalRandom random = ThreadLocalRandom.current();
        Collections.shuffle(shuffled, random);
        EventLoop loop = loops.next();
        List<CompletableFuture<?>> ends = new ArrayList<>();
        for (int i = 0; i < shuffled.size(); i++) {
            Session session = shuffled.get(i);
            CompletableFuture<Void> end = new CompletableFuture<>();
            long afterNanos = (long) (window.toNanos() * ((i + random.nextDouble()) / shuffled.size()));
            if (url != null && session instanceof ServerSession resumable && resumable.isKept()) {
                afterNanos = window.toNanos();
                resumable.moveAway(window.dividedBy(2), url).thenRun(() -> end.complete(null));
            }
            loop.schedule(
                    () -> leave(session, status).thenRun(() -> end.complete(null)), afterNanos, TimeUnit.NANOSECONDS);
            session.closed().thenRun(() -> end.complete(null));
            ends.add(end);
        }
        CompletableFuture<Void> done = CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new));
        return done.completeOnTimeout(
                null, window.plus(closeTimeout).plusSeconds(1).toMillis(), TimeUnit.MILLISECONDS);
    }

    private static CompletionStage<?> leave(Session session, CloseStatus status) {
        if (session instanceof ServerSession resumable) {
            return resumable.leave(status);
        }
        session.close(status);
        return session.closed();
    }
}
