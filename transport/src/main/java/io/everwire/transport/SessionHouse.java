package io.everwire.transport;

import io.everwire.CloseStatus;
import io.everwire.Limits;
import io.everwire.ResumePolicy;
import io.everwire.session.resume.MemoryStore;
import io.everwire.session.resume.ReplayBudget;
import io.everwire.session.resume.ServerKeys;
import io.everwire.session.resume.SessionDesk;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionSettings;
import io.everwire.session.resume.SessionStore;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the resumable sessions of one server live, exactly one for each id, and what they may take together.
 *
 * <p><b>Thread safety.</b> Any thread.
 */
public final class SessionHouse {
    private static final Logger LOG = LoggerFactory.getLogger(SessionHouse.class);
    private static final long SWEEP_SECONDS = 60;
    private static final SecureRandom RANDOM = new SecureRandom();

    final SessionStore store;
    private final ServerKeys keys;
    private final SessionSettings settings;
    private final SessionQuotas quotas;
    private final ReplayBudget budget;
    private final BadClaims badClaims = new BadClaims();
    private final Lodgers lodgers = new Lodgers();
    private final ConcurrentMap<String, Integer> byPrincipal = new ConcurrentHashMap<>();
    private final AtomicInteger detached = new AtomicInteger();
    private final LongAdder refusedForPrincipal = new LongAdder();
    private final LongAdder refusedForDetached = new LongAdder();
    private final LongAdder refusedForReplay = new LongAdder();
    private final LongAdder bad = new LongAdder();
    private final LongAdder refusedForBadClaims = new LongAdder();
    private volatile @Nullable ScheduledFuture<?> sweeping;
    private volatile @Nullable CloseStatus closing;

    /**
     * Prepares an empty house.
     *
     * @param store where sessions are kept; it is not closed with the house
     * @param limits of a server's connections; a message of a session has to fit its window, too
     */
    public SessionHouse(ResumePolicy policy, SessionStore store, SessionQuotas quotas, Limits limits) {
        this.store = store;
        this.quotas = quotas;
        keys = ServerKeys.named(store.serverKey());
        budget = new ReplayBudget(quotas.replayBytes());
        long largest = Math.min(limits.messageBytes(), policy.windowBytes() - (long) Limits.MESSAGE_OVERHEAD_BYTES);
        settings = new SessionSettings(policy, largest, 0, store.durability(), budget);
    }

    /** Returns a store in memory with a key of its own: its sessions end with it. */
    public static SessionStore inMemory() {
        return new MemoryStore(random(SessionStore.SERVER_KEY_BYTES));
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }

    /** Begins to look for sessions that nobody came back for, once a minute. */
    public void open(EventLoops loops) {
        sweeping = loops.next().scheduleWithFixedDelay(this::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    }

    private void sweep() {
        try {
            store.sweep(RealClock.epochMillis()).whenComplete((expired, error) -> {
                if (error != null) {
                    LOG.warn("the store could not be swept; it is tried again in a minute", error);
                }
            });
        } catch (RuntimeException e) {
            LOG.warn("the store could not be swept; it is tried again in a minute", e);
        }
    }

    /** Returns what the sessions take now, and who was turned away. */
    public SessionCounts counts() {
        int waiting = detached.get();
        return new SessionCounts(
                Math.max(0, lodgers.size() - waiting),
                waiting,
                budget.takenBytes(),
                refusedForPrincipal.sum(),
                refusedForDetached.sum(),
                refusedForReplay.sum(),
                bad.sum(),
                refusedForBadClaims.sum());
    }

    /**
     * Ends this house's part of every session, without a word to the clients. With a store that outlives it, what it was asked for is
     * awaited, and the sessions go on when somebody else opens the store; otherwise they are lost.
     *
     * @param patience how long is waited for the store
     * @return completes when every session has ended here
     */
    public CompletionStage<Void> close(CloseStatus status, Duration patience) {
        closing = status;
        ScheduledFuture<?> sweeps = sweeping;
        if (sweeps != null) {
            sweeps.cancel(false);
        }
        List<CompletableFuture<?>> ends = new ArrayList<>();
        for (Lodger lodger : lodgers.all()) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            Relocation.run(lodger.loop, () -> {
                ServerSession session = lodger.session;
                if (session == null) {
                    end.complete(null);
                } else {
                    session.stop(status);
                    session.closed().thenRun(() -> end.complete(null));
                }
            });
        }
        return CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Returns with what the house is being closed, null while it is open. */
    @Nullable CloseStatus closing() {
        return closing;
    }

    // ---- for those who arrive ----

    /** The desk at which one client arrives. */
    SessionDesk<Send> desk(SessionDesk.House<Send> house) {
        return new SessionDesk<>(keys, store, settings, house, () -> random(SessionId.BYTES - 1));
    }

    @Nullable Lodger find(SessionId sid) {
        return lodgers.find(sid);
    }

    /** Lets a session live here; returns the one with its id that does by now. */
    Lodger add(Lodger fresh) {
        return lodgers.add(fresh);
    }

    /** Forgets a session, if it is the one that is known by its id. */
    void remove(Lodger lodger) {
        lodgers.remove(lodger);
    }

    /** Forgets a session that has ended, and gives its place back. */
    void leave(Lodger lodger) {
        remove(lodger);
        byPrincipal.computeIfPresent(lodger.principal, (name, count) -> count == 1 ? null : count - 1);
    }

    /** Counts a session that has lost its connection, or has found a new one. */
    void noteDetached(int difference) {
        detached.addAndGet(difference);
    }

    /**
     * Takes a place for a session.
     *
     * @param isKnown whether the session exists already: then there is one, whatever the quotas say
     * @return null when there is one, else why there is none
     */
    @Nullable String enter(String principal, boolean isKnown) {
        String full = isKnown ? null : refusal(principal);
        if (full == null && !principal.isEmpty()) {
            byPrincipal.merge(principal, 1, Integer::sum);
        }
        return full;
    }

    /** Returns why no session of this principal may begin, null when one may. */
    @Nullable String refusal(String principal) {
        if (byPrincipal.getOrDefault(principal, 0) >= quotas.sessionsPerPrincipal()) {
            refusedForPrincipal.increment();
            return "this principal has its maximum of " + quotas.sessionsPerPrincipal() + " sessions; end one";
        }
        if (detached.get() >= quotas.detachedSessions()) {
            refusedForDetached.increment();
            return "too many sessions wait for their clients; try again later";
        }
        if (budget.takenBytes() >= budget.limitBytes()) {
            refusedForReplay.increment();
            return "the server keeps too much for clients that do not acknowledge; try again later";
        }
        return null;
    }

    /** Tells whether claims from this address are refused unread for a while. */
    boolean refusesClaims(@Nullable InetAddress address) {
        boolean isFlooding = badClaims.isFlooding(address, RealClock.nanos());
        if (isFlooding) {
            refusedForBadClaims.increment();
        }
        return isFlooding;
    }

    void noteBadClaim(@Nullable InetAddress address) {
        bad.increment();
        badClaims.note(address, RealClock.nanos());
    }

    long storeTtlMillis() {
        return SessionDesk.storeTtlMillis(settings);
    }

    /** Whether the next owner of a session is given what no handler here has returned from. */
    boolean commitsAfterHandler() {
        return isDurable() && settings.policy().committing() == ResumePolicy.Committing.AFTER_HANDLER;
    }

    boolean isDurable() {
        return settings.durability() != SessionStore.Durability.MEMORY;
    }
}
