package io.everwire.verification.vectors;

import io.everwire.Message;
import io.everwire.ResumePolicy;
import io.everwire.session.resume.MemoryStore;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.Offer.Claim;
import io.everwire.session.resume.ReplayBudget;
import io.everwire.session.resume.ResumeOutput;
import io.everwire.session.resume.ServerKeys;
import io.everwire.session.resume.ServerResume;
import io.everwire.session.resume.SessionDesk;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionSettings;
import io.everwire.session.resume.SessionStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A script for a server whose sessions are kept in memory: the reader plays clients, clock and application. */
final class ServerScript extends Script {
    static final byte[] KEY =
            HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    private static final int LARGEST = 65_536;

    private final ServerKeys keys = ServerKeys.of(KEY);
    private final SessionStore store = new MemoryStore(KEY);
    private final Map<SessionId, Living> living = new HashMap<>();
    /** The scripts' numbers of connections, by session and the number that the engine gives them. */
    private final Map<String, Long> numbers = new HashMap<>();

    private final Map<Long, Living> carried = new HashMap<>();
    private final List<SessionId> made = new ArrayList<>();
    private final SessionDesk<String> desk;
    private long connections;
    private long clientMessages = 1_024;

    /** A session that lives in the script. */
    private record Living(ServerResume<String> engine) implements SessionDesk.Resident<String> {
        @Override
        public void run(Runnable work) {
            work.run();
        }
    }

    /** The sessions of the script. */
    private final class Home implements SessionDesk.House<String> {
        @Override
        public SessionDesk.@Nullable Resident<String> find(SessionId sid) {
            return living.get(sid);
        }

        @Override
        public SessionDesk.Resident<String> house(ServerResume<String> engine) {
            return living.computeIfAbsent(engine.sid(), sid -> new Living(engine));
        }

        @Override
        public void forget(SessionId sid, SessionDesk.Resident<String> resident) {
            living.remove(sid);
        }

        @Override
        public String restored(Message message) {
            throw new AssertionError("nothing is restored from memory");
        }

        @Override
        public long nowNanos() {
            return now();
        }

        @Override
        public long nowMillis() {
            return now() / 1_000_000;
        }
    }

    ServerScript(String name) {
        this(name, 1 << 20, 1_024);
    }

    ServerScript(String name, int windowBytes, int windowMessages) {
        this(name, windowBytes, windowMessages, SessionStore.Durability.MEMORY);
    }

    /** What is appended or committed is so at once. */
    static ServerScript durable(String name) {
        return new ServerScript(name, 1 << 20, 1_024, SessionStore.Durability.PROCESS);
    }

    private ServerScript(String name, int windowBytes, int windowMessages, SessionStore.Durability durability) {
        super(name);
        SessionSettings settings = new SessionSettings(
                ResumePolicy.DEFAULT.withWindow(windowBytes, windowMessages),
                Math.min(LARGEST, windowBytes - 64),
                0,
                durability,
                new ReplayBudget(Long.MAX_VALUE));
        desk = new SessionDesk<>(keys, store, settings, new Home(), this::fifteen);
        in(
                "configure",
                "serverKey",
                Fields.hex(KEY),
                "ttl",
                120,
                "window",
                windowBytes,
                "messages",
                windowMessages,
                "max",
                settings.largestBytes(),
                "hb",
                15_000,
                "store",
                durability == SessionStore.Durability.MEMORY ? "memory" : "durable, commits when handled");
    }

    /** Ids are 1, 2, 3 …, so that a script can be read. */
    private byte[] fifteen() {
        byte[] bytes = new byte[15];
        bytes[14] = (byte) (made.size() + 1);
        made.add(keys.newId(bytes));
        return bytes;
    }

    /** Clients offer a window of so few messages. */
    ServerScript clientsTake(long messages) {
        clientMessages = messages;
        return this;
    }

    ServerScript connect() {
        return connect(0, null, "ann");
    }

    ServerScript connectWithoutPings() {
        return connect(Offer.FLAG_NO_PINGS, null, "ann");
    }

    /** Claims a session, by the order in which they were made, from 1. */
    ServerScript claim(int session, long attempt, long received, long first, long next) {
        return connect(0, new Claim(sid(session), attempt, received, first, next), "ann");
    }

    /** Claims a session with a good mac as somebody else. */
    ServerScript claimAs(String principal, int session, long attempt) {
        return connect(0, new Claim(sid(session), attempt, 0, 1, 1), principal);
    }

    /** Claims a session whose id was seen, without its secret. */
    ServerScript claimWithoutSecret(int session, long attempt) {
        return open(0, new Claim(sid(session), attempt, 0, 1, 1), "ann", new byte[ServerKeys.SECRET_BYTES]);
    }

    /** Claims an id that nobody was given. */
    ServerScript claimNobodys() {
        return connect(0, new Claim(new SessionId(0, 4_711), 1, 0, 1, 1), "ann");
    }

    private SessionId sid(int session) {
        return made.get(session - 1);
    }

    private ServerScript connect(int flags, @Nullable Claim claim, String principal) {
        // The secret was given to ann, whoever comes with it.
        return open(flags, claim, principal, claim == null ? new byte[0] : keys.secretFor(claim.sid(), "ann"));
    }

    private ServerScript open(int flags, @Nullable Claim claim, String principal, byte[] secret) {
        long number = ++connections;
        Offer offer = new Offer(flags, number, 1_024, clientMessages, claim);
        if (claim != null) {
            offer = offer.sign(secret, "/feed", List.of("chat"));
        }
        in(
                "connect",
                "connection",
                number,
                "principal",
                principal,
                "path",
                "/feed",
                "offered",
                List.of(Offer.SUBPROTOCOL, offer.token(), "chat"),
                "fields",
                Fields.of(offer),
                "sid",
                Fields.hex(keys.newId(next()).bytes()));
        SessionDesk.Opening<String> opening = settled(desk.open(
                new SessionDesk.Arrival(offer, principal, "/feed", List.of("chat"), "chat"), (resident, connection) -> {
                    Living session = (Living) resident;
                    numbers.put(name(session, connection), number);
                    carried.put(number, session);
                }));
        if (opening instanceof SessionDesk.Opening.Refused<String> refused) {
            out("close", "connection", number, "code", refused.status().code());
        }
        drain();
        return this;
    }

    private byte[] next() {
        byte[] bytes = new byte[15];
        bytes[14] = (byte) (made.size() + 1);
        return bytes;
    }

    private static String name(Living session, long connection) {
        return session.engine().sid() + "/" + connection;
    }

    private static <T> T settled(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private Living session(long connection) {
        Living session = carried.get(connection);
        if (session == null) {
            throw new AssertionError("connection " + connection + " carries no session");
        }
        return session;
    }

    /** What the engine calls a connection of the script. */
    private long epochOf(long connection) {
        Living session = session(connection);
        for (long epoch = 1; ; epoch++) {
            Long number = numbers.get(name(session, epoch));
            if (number != null && number == connection) {
                return epoch;
            }
        }
    }

    ServerScript client(long connection, String text) {
        in("message", "connection", connection, "text", text);
        hear(session(connection).engine(), epochOf(connection), text);
        drain();
        return this;
    }

    ServerScript send(long connection, String text) {
        in("send", "session", made.indexOf(session(connection).engine().sid()) + 1, "text", text);
        send(session(connection).engine(), text);
        drain();
        return this;
    }

    ServerScript handled(long connection, long upTo) {
        ServerResume<String> engine = session(connection).engine();
        in("handled", "session", made.indexOf(engine.sid()) + 1, "upTo", upTo);
        engine.handleHanded(engine.incarnation(), upTo, now());
        drain();
        return this;
    }

    ServerScript lost(long connection) {
        in("lost", "connection", connection);
        session(connection).engine().handleDetached(epochOf(connection), now());
        drain();
        return this;
    }

    ServerScript waits(long millis) {
        in("wait", "millis", millis);
        long until = now() + millis * 1_000_000;
        while (now() < until) {
            long next = until;
            for (Living session : living.values()) {
                long deadline = session.engine().deadlineNanos();
                next = deadline == Long.MAX_VALUE ? next : Math.min(next, Math.max(deadline, now()));
            }
            pass(Math.max(1, (next - now()) / 1_000_000));
            for (Living session : List.copyOf(living.values())) {
                session.engine().handleDeadline(now());
            }
            drain();
        }
        return this;
    }

    private void drain() {
        for (Living session : made.stream().map(living::get).toList()) {
            if (session != null) {
                drain(session);
            }
        }
    }

    private void drain(Living session) {
        ServerResume<String> engine = session.engine();
        for (ResumeOutput output = engine.poll(); output != null; output = engine.poll()) {
            if (output instanceof ResumeOutput.StoreWrite write) {
                engine.handleStored(write, settled(stored(engine.sid(), write)), now());
            } else {
                write(named(session, output), "connection");
            }
        }
        if (engine.connection() != 0) {
            writeData(engine, "connection", numbers.get(name(session, engine.connection())));
        }
        if (engine.isOver()) {
            living.remove(engine.sid(), session);
        }
    }

    private CompletionStage<SessionStore.Outcome> stored(SessionId sid, ResumeOutput.StoreWrite write) {
        long nowMillis = now() / 1_000_000;
        if (write instanceof ResumeOutput.End end) {
            boolean leavesTombstone = end.tombstone() != ResumeOutput.End.NO_TOMBSTONE;
            return store.end(
                    sid,
                    end.epoch(),
                    leavesTombstone
                            ? new SessionStore.Tombstone(end.loss().reason(), end.tombstone(), nowMillis)
                            : null);
        }
        if (write instanceof ResumeOutput.Append append) {
            List<Message> messages = append.messages().stream()
                    .map(text -> Message.text(String.valueOf(text)))
                    .toList();
            return store.append(sid, append.epoch(), append.first(), messages);
        }
        if (write instanceof ResumeOutput.Commit commit) {
            return store.commit(sid, commit.epoch(), commit.received(), commit.acknowledged());
        }
        return store.renew(sid, write.epoch(), nowMillis, 130_000);
    }

    /** The same with the script's number of the connection. */
    private ResumeOutput named(Living session, ResumeOutput output) {
        if (output instanceof ResumeOutput.Write write) {
            return new ResumeOutput.Write(number(session, write.connection()), write.control());
        } else if (output instanceof ResumeOutput.Drop drop) {
            return new ResumeOutput.Drop(number(session, drop.connection()), drop.status());
        } else if (output instanceof ResumeOutput.Begun begun) {
            return new ResumeOutput.Begun(number(session, begun.connection()), begun.sid());
        } else if (output instanceof ResumeOutput.Resumed resumed) {
            return new ResumeOutput.Resumed(
                    number(session, resumed.connection()), resumed.sid(), resumed.replayedIn(), resumed.replayedOut());
        }
        return output;
    }

    private long number(Living session, long connection) {
        Long number = numbers.get(name(session, connection));
        if (number == null) {
            throw new AssertionError("no connection " + connection + " in this script");
        }
        return number;
    }
}
