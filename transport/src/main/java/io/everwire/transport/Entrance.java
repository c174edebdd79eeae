package io.everwire.transport;

import io.everwire.CompressionPolicy;
import io.everwire.Limits;
import io.everwire.StormPolicy;
import io.everwire.protocol.PermessageDeflate;
import io.everwire.session.StormControl;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where every connection of one server comes in, whatever its port: the rules that hold before anybody is asked, and the counting.
 *
 * <p><b>Thread safety.</b> Any thread.
 */
public final class Entrance {
    private static final Logger LOG = LoggerFactory.getLogger(Entrance.class);
    /**
     * How many connections beyond the limits are kept for a moment: to be told so, or to ask for the server's health. As many as are accepted
     * in one turn, so that newcomers from afar have time to say what they want.
     */
    private static final int RESERVE = ListeningPort.ACCEPTED_A_TURN;
    /** A handshake that is this old is slow, and makes room for a newcomer when there is no other. */
    private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(1);

    final Rules rules;
    final Admission admission;
    /** Null for a server whose sessions end with their connections. */
    final @Nullable SessionHouse sessions;

    final TrustedProxies proxies;
    final Places places;
    final StormGate storm;
    final RefusalLog refusals = new RefusalLog(LOG);
    /** Gives back the places of a channel that was let in. */
    final ChannelFutureListener leaving = closed -> leave(closed.channel());

    /** So many may wait at most until it is known whether they have said anything; beyond, who is one too many leaves at once. */
    static final int MOST_LEAVERS = 4_096;

    /** How many have to leave if they have said nothing; they are in no list. */
    final AtomicInteger leavers = new AtomicInteger();
    /** How many were refused and are still connected. */
    final AtomicInteger turnedAway = new AtomicInteger();

    private final OldestFirst<Visit> handshakes;
    private final OldestFirst<Visit> crowd = new OldestFirst<>(RESERVE);
    private final OldestFirst<Visit> crowdOfAddresses = new OldestFirst<>(RESERVE);
    private volatile @Nullable Long drainedNanos;
    private volatile boolean isStopping;

    /**
     * What holds for every connection.
     *
     * @param limits what one connection may cost
     * @param origins which pages may connect
     * @param trustedProxies addresses and blocks of proxies whose {@code Forwarded} and {@code X-Forwarded-…} are believed
     * @param connections the most connections, handshakes included; {@link Integer#MAX_VALUE} for no limit
     * @param connectionsPerAddress the most of one client address, or of 64 bits of IPv6; {@link Integer#MAX_VALUE} for no limit
     * @param handshakes the most connections that have not sent their whole request; the oldest leaves for a newcomer
     * @param healthPath where plain GET and HEAD are answered; null for nowhere
     * @param storm when clients that come all at once are told to come back
     * @param compression what is agreed to of what clients offer; null for nothing
     */
    public record Rules(
            Limits limits,
            OriginPolicy origins,
            List<String> trustedProxies,
            int connections,
            int connectionsPerAddress,
            int handshakes,
            @Nullable String healthPath,
            StormPolicy storm,
            @Nullable CompressionPolicy compression) {
        /** The default of {@code handshakes}. */
        public static final int DEFAULT_HANDSHAKES = 16_384;

        /**
         * Checks and copies them.
         *
         * @throws IllegalArgumentException when a number is below 1, a proxy is no address, or the path does not begin with {@code /}
         */
        public Rules {
            trustedProxies = List.copyOf(trustedProxies);
            TrustedProxies.of(trustedProxies);
            requirePositive("maxConnections", connections);
            requirePositive("maxConnectionsPerAddress", connectionsPerAddress);
            requirePositive("maxHandshakes", handshakes);
            if (healthPath != null && !healthPath.startsWith("/")) {
                throw new IllegalArgumentException("the health path '" + healthPath + "' must begin with /");
            }
        }

        /**
         * Returns what a client is answered to these lines of {@code Sec-WebSocket-Extensions}; null for nothing.
         *
         * @throws IllegalArgumentException when they are malformed; see {@link PermessageDeflate#answer}
         */
        @Nullable String extensionFor(List<String> offers) {
            return compression == null ? null : PermessageDeflate.answer(offers, compression);
        }

        private static void requirePositive(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " is " + value + "; it must be at least 1");
            }
        }
    }

    /** Prepares the entrance of a server whose sessions end with their connections. */
    public Entrance(Rules rules, Admission admission) {
        this(rules, admission, null);
    }

    /**
     * Prepares the entrance of a server.
     *
     * @param sessions where sessions that can be resumed live; null for none
     */
    public Entrance(Rules rules, Admission admission, @Nullable SessionHouse sessions) {
        this.rules = rules;
        this.admission = admission;
        this.sessions = sessions;
        proxies = TrustedProxies.of(rules.trustedProxies());
        storm = new StormGate(rules.storm());
        places = new Places(rules.connections(), rules.connectionsPerAddress());
        handshakes = new OldestFirst<>(rules.handshakes());
    }

    /** Lets nobody in for so long, and calls the server ill. */
    public void drain(Duration window) {
        drainedNanos = RealClock.nanos() + window.toNanos();
    }

    /** Lets nobody in any more. */
    public void stop() {
        isStopping = true;
    }

    /** Returns how many connections have a place. */
    public int connections() {
        return places.taken();
    }

    /** Returns how many connections have not sent their whole request, or nobody has read it. */
    int unheard() {
        return Math.max(
                0, handshakes.size() + crowd.size() + crowdOfAddresses.size() + leavers.get() - turnedAway.get());
    }

    /** Returns what storm control has decided so far. */
    public StormControl.Counts stormCounts() {
        return storm.counts();
    }

    boolean isDraining() {
        return isStopping || drainedNanos != null;
    }

    /** Returns the answer to newcomers while nobody is let in; null otherwise. */
    @Nullable HttpAnswer closedAnswer() {
        if (isStopping) {
            return HttpAnswer.refusal(503, Map.of(), "the server stops");
        }
        Long end = drainedNanos;
        if (end == null) {
            return null;
        }
        long restSeconds = Math.max(0, TimeUnit.NANOSECONDS.toSeconds(end - RealClock.nanos()));
        return HttpAnswer.refusal(503, retryAfter(restSeconds + 1), "the server restarts; come back later");
    }

    /** Says when to come back: not before so many seconds, and not everybody at once. */
    static Map<String, String> retryAfter(long seconds) {
        long spread = Math.max(4, seconds);
        return Map.of(
                "retry-after",
                Long.toString(seconds + ThreadLocalRandom.current().nextLong(spread + 1)));
    }

    /** Notes a connection whose request has not come; an older one may have to leave for it. */
    void begin(Visit visit, Visit.Standing standing) {
        Visit leaving = among(standing).add(visit, RealClock.nanos());
        if (leaving != null) {
            boolean isPlaced = standing == Visit.Standing.PLACED;
            leaving.hangUpUnlessHeard(isPlaced ? "too many have not sent their request" : "over the limit");
        }
    }

    /** Makes the oldest handshake leave if it is slow: its place is free a moment later. */
    void makeRoom() {
        Visit slow = handshakes.pollOlderThan(SLOW_NANOS, RealClock.nanos());
        if (slow != null) {
            slow.hangUp("its handshake is slow and others wait for its place");
        }
    }

    void end(Visit visit, Visit.Standing standing) {
        among(standing).remove(visit);
    }

    private void leave(Channel channel) {
        places.leave();
        places.leave(((InetSocketAddress) channel.remoteAddress()).getAddress());
    }

    private OldestFirst<Visit> among(Visit.Standing standing) {
        return switch (standing) {
            case PLACED -> handshakes;
            case WITHOUT_PLACE -> crowd;
            case WITHOUT_PLACE_OF_ADDRESS -> crowdOfAddresses;
        };
    }
}
