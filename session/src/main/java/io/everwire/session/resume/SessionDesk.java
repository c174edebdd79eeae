package io.everwire.session.resume;

import io.everwire.CloseStatus;
import io.everwire.LossReason;
import io.everwire.Message;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where offers arrive at a server: judges them, claims their sessions from the store, and attaches their connections to what lives
 * here, or is restored, or begins.
 *
 * <p>The order is the rule: the mac, then the store's compare-and-set, then the old connection is dropped, and only then it is said
 * what was received.
 *
 * <p><b>Thread safety.</b> Any thread, as its {@link House} is. A session's engine is touched on its home only.
 *
 * @param <M> what the driver keeps of an outbound message
 */
public final class SessionDesk<M> {
    private final ServerKeys keys;
    private final SessionStore store;
    private final SessionSettings settings;
    private final House<M> house;
    private final Supplier<byte[]> random;

    /** The sessions that live in this process, as the driver keeps them. */
    public interface House<M> {
        /** Returns the session with this id, null when it does not live here. */
        @Nullable Resident<M> find(SessionId sid);

        /**
         * Lets a session live here, unless one with its id does.
         *
         * @return the one that lives here now
         */
        Resident<M> house(ServerResume<M> engine);

        /** Forgets a session that is over. */
        void forget(SessionId sid, Resident<M> resident);

        /** Is told of a claim under a key of ours and without the secret of its session. No session was looked at. */
        default void noteBadClaim() {}

        /** Makes what the driver keeps of a message that another owner had sent. */
        M restored(Message message);

        /** Returns the present on the clock of the engines. */
        long nowNanos();

        /** Returns the present in milliseconds since the Unix epoch. */
        long nowMillis();
    }

    /** A session that lives here. */
    public interface Resident<M> {
        /** Runs this where the engine may be touched; at once if that is here. Then does what the engine says. */
        void run(Runnable work);

        ServerResume<M> engine();
    }

    /**
     * An upgrade request with an offer, let in by everything else.
     *
     * @param principal who the authenticator says it is, empty for nobody
     * @param path the request's path
     * @param subprotocols the application's own, as the client offered them
     * @param protocol the application's subprotocol that was chosen, null for none
     */
    public record Arrival(
            Offer offer,
            String principal,
            String path,
            List<String> subprotocols,
            @Nullable String protocol) {}

    /** What becomes of an arrival. */
    public sealed interface Opening<M> {
        /** Upgrade, and close with this status. No session was touched. */
        record Refused<M>(CloseStatus status) implements Opening<M> {}

        /** The upgraded connection is the resident's, under this number. */
        record Attached<M>(Resident<M> resident, long connection) implements Opening<M> {}
    }

    /**
     * Puts an upgraded connection on its session: it is the resident's, under this number. Is called on the session's home after
     * the engine has attached it and before anybody can poll what the engine says about it, which begins with its hello.
     */
    @FunctionalInterface
    public interface Attaching<M> {
        /** Runs inside {@link Resident#run}. */
        void attach(Resident<M> resident, long connection);
    }

    public SessionDesk(
            ServerKeys keys,
            SessionStore store,
            SessionSettings settings,
            House<M> house,
            Supplier<byte[]> fifteenRandomBytes) {
        this.keys = keys;
        this.store = store;
        this.settings = settings;
        this.house = house;
        random = fifteenRandomBytes;
    }

    /**
     * Opens or resumes a session.
     *
     * @param attaching is told first, if the arrival is attached; a stage may reach its dependents when outputs were polled already
     * @return completes on the session's home; exceptionally when the store failed: then nothing is known, and the client is to try
     *     again
     */
    public CompletionStage<Opening<M>> open(Arrival arrival, Attaching<M> attaching) {
        Offer offer = arrival.offer();
        Offer.Claim claim = offer.claim();
        if (claim == null) {
            return begin(arrival, attaching, null, -1);
        }
        if (!keys.isAuthentic(offer, arrival.principal(), arrival.path(), arrival.subprotocols())) {
            if (keys.name(claim.sid())) {
                // Of another key's session nobody can guess anything here: its client has missed that the key is gone.
                house.noteBadClaim();
            }
            // One answer to a bad mac, another principal and an unknown id: who guesses learns nothing.
            return begin(arrival, attaching, LossReason.UNKNOWN, -1);
        }
        return store.claim(claim.sid(), claim.attempt(), house.nowMillis(), storeTtlMillis())
                .thenCompose(answer -> handleClaim(arrival, attaching, claim, answer));
    }

    private CompletionStage<Opening<M>> handleClaim(
            Arrival arrival, Attaching<M> attaching, Offer.Claim claim, SessionStore.Claim answer) {
        if (answer instanceof SessionStore.Claim.Stale stale) {
            return refused(
                    CloseCodes.STALE_ATTEMPT, "attempt " + claim.attempt() + " is not larger than " + stale.attempt());
        }
        if (answer instanceof SessionStore.Claim.Gone gone) {
            return handleGone(arrival, attaching, gone.tombstone());
        }
        SessionStore.Claim.Claimed claimed = (SessionStore.Claim.Claimed) answer;
        Resident<M> resident = house.find(claim.sid());
        return resident == null
                ? restore(arrival, attaching, claim, claimed)
                : attach(arrival, attaching, claim, claimed, resident, true);
    }

    private CompletionStage<Opening<M>> handleGone(
            Arrival arrival, Attaching<M> attaching, SessionStore.@Nullable Tombstone tombstone) {
        if (tombstone == null) {
            return begin(arrival, attaching, LossReason.UNKNOWN, -1);
        }
        return begin(arrival, attaching, tombstone.reason(), tombstone.received());
    }

    private CompletionStage<Opening<M>> attach(
            Arrival arrival,
            Attaching<M> attaching,
            Offer.Claim claim,
            SessionStore.Claim.Claimed claimed,
            Resident<M> resident,
            boolean mayRestore) {
        return on(resident, engine -> {
            Attachment attachment = engine.resume(
                    claimed.epoch(), claimed.positions(), arrival.offer(), arrival.protocol(), house.nowNanos());
            return switch (attachment) {
                case DONE -> attached(attaching, resident, claimed.epoch());
                case STALE ->
                    refused(CloseCodes.STALE_ATTEMPT, "a newer attempt than " + claim.attempt() + " was attached");
                case DESYNC -> begin(arrival, attaching, LossReason.DESYNC, engine.confirmedReceived());
                case ENDED -> begin(arrival, attaching, LossReason.ENDED, engine.confirmedReceived());
                case OUTDATED, OVER -> {
                    house.forget(claim.sid(), resident);
                    yield mayRestore && settings.durability() != SessionStore.Durability.MEMORY
                            ? restore(arrival, attaching, claim, claimed)
                            : begin(arrival, attaching, LossReason.UNKNOWN, -1);
                }
            };
        });
    }

    private CompletionStage<Opening<M>> restore(
            Arrival arrival, Attaching<M> attaching, Offer.Claim claim, SessionStore.Claim.Claimed claimed) {
        if (settings.durability() == SessionStore.Durability.MEMORY) {
            // The store knows it and nobody has it: the claim came between the session's end and the store's.
            return begin(arrival, attaching, LossReason.UNKNOWN, -1);
        }
        SessionStore.Positions positions = claimed.positions();
        return store.read(claim.sid(), claimed.epoch(), positions.acknowledged() + 1)
                .thenCompose(messages -> {
                    ServerResume<M> engine = ServerResume.restore(
                            claim.sid(),
                            settings,
                            // The claim's own epoch is taken by resume.
                            claimed.epoch() - 1,
                            positions,
                            messages.stream().map(house::restored).toList(),
                            messages.stream().mapToInt(Message::length).toArray(),
                            house.nowNanos());
                    Resident<M> resident = house.house(engine);
                    if (resident.engine() != engine) {
                        // Two claims have raced to here: ours is not the one that lives, and holds its share of the
                        // budget.
                        engine.abandon();
                    }
                    return attach(arrival, attaching, claim, claimed, resident, false);
                });
    }

    private CompletionStage<Opening<M>> begin(
            Arrival arrival, Attaching<M> attaching, @Nullable LossReason reason, long peerReceived) {
        SessionId sid = keys.newId(random.get());
        return store.create(sid, house.nowMillis(), storeTtlMillis()).thenCompose(created -> {
            if (created != SessionStore.Outcome.DONE) {
                return refused(CloseCodes.SLOW_DOWN, "the session could not be created; try again");
            }
            Resident<M> resident = house.house(ServerResume.begin(sid, settings, house.nowNanos()));
            return on(resident, engine -> {
                byte[] secret = keys.secretFor(sid, arrival.principal());
                engine.begin(arrival.offer(), secret, reason, peerReceived, arrival.protocol(), house.nowNanos());
                return attached(attaching, resident, engine.epoch());
            });
        });
    }

    /** A session outlives its time to live in the store by a little, so that its owner, if there is one, ends it. */
    private long storeTtlMillis() {
        return storeTtlMillis(settings);
    }

    /** How long a store keeps a session that is not renewed. */
    public static long storeTtlMillis(SessionSettings settings) {
        return settings.policy().timeToLive().toMillis() + 10_000;
    }

    private CompletionStage<Opening<M>> on(
            Resident<M> resident, Function<ServerResume<M>, CompletionStage<Opening<M>>> work) {
        CompletableFuture<Opening<M>> result = new CompletableFuture<>();
        resident.run(() -> {
            try {
                work.apply(resident.engine()).whenComplete((opening, error) -> {
                    if (error != null) {
                        result.completeExceptionally(error);
                    } else {
                        result.complete(opening);
                    }
                });
            } catch (RuntimeException e) {
                // Whoever waits for the opening must hear of it.
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private CompletionStage<Opening<M>> attached(Attaching<M> attaching, Resident<M> resident, long connection) {
        attaching.attach(resident, connection);
        return CompletableFuture.completedFuture(new Opening.Attached<>(resident, connection));
    }

    private CompletionStage<Opening<M>> refused(int code, String reason) {
        return CompletableFuture.completedFuture(
                new Opening.Refused<>(new CloseStatus(code, CloseCodes.limited(reason))));
    }
}
