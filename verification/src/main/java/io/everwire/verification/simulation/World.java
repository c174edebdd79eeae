package io.everwire.verification.simulation;

import io.everwire.Message;
import io.everwire.session.resume.SessionId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One schedule: clients, nodes, a store and a network, for as long as its faults and what follows from them take. */
@SuppressWarnings("EnumOrdinal") // Tables by ordinal: a schedule allocates nothing for its counts.
final class World {
    static final byte[] NOTHING = {};
    /** How many messages an application lets wait for room. */
    static final int MOST_QUEUED = 12;

    /** A schedule has hundreds; more than this is a loop that virtual time never leaves. */
    private static final long MOST_EVENTS = 100_000;

    private static final long SECOND = 1_000_000_000L;
    /** How long after the last fault everything has to have arrived. */
    private static final long CALM_NANOS = 60 * SECOND;

    final long seed;
    final Chance chance;
    final Agenda agenda = new Agenda();
    final Plan plan;
    final Vault vault;
    final Faults faults;
    final Strangers strangers;
    final Observer observer;
    final List<Node> nodes = new ArrayList<>();
    final List<ClientEnd> clients = new ArrayList<>();
    final List<Link> links = new ArrayList<>();
    final Tally tally = new Tally();
    /** All that ever were, of any process. */
    final List<End> everyEnd = new ArrayList<>();

    /** Whether a clock was set by more than a session's time may be off. */
    boolean hasJumped;

    final int[] counts = new int[Fault.values().length];

    private final List<Parcel> parcels = new ArrayList<>();
    private final Map<SessionId, Ledger> ledgers = new HashMap<>();
    private final IdentityHashMap<Message, Parcel> stored = new IdentityHashMap<>();
    private boolean isStorm = true;
    private @Nullable Throwable failure;

    World(long seed, @Nullable Trace trace) {
        this.seed = seed;
        Checkers checkers = new Checkers(this);
        observer = trace == null ? checkers : new Tracer(this, checkers, trace);
        chance = new Chance(seed);
        plan = new Plan(chance);
        vault = new Vault(chance);
        faults = new Faults(this);
        strangers = new Strangers(this);
        for (int i = 0; i < plan.nodes; i++) {
            nodes.add(new Node(this, i));
        }
        for (int i = 0; i < plan.clients; i++) {
            clients.add(new ClientEnd(this, i));
        }
    }

    // ---- the schedule ----

    /** Lets everything happen. */
    void run() {
        for (Node node : nodes) {
            node.sweepLater();
        }
        for (int i = 0; i < plan.clients; i++) {
            int slot = i;
            clients.get(i).dialAfter(chance.millis(0, 20));
            agenda.after(chance.millis(1, 200), () -> sendUp(slot));
            agenda.after(chance.millis(1, 200), () -> sendDown(slot));
        }
        faults.begin();
        runUntil(plan.stormNanos);
        isStorm = false;
        faults.heal();
        // What a client that is gone has left holds its share of a budget until its time to live is over.
        long bound = agenda.now() + CALM_NANOS + plan.ttlNanos;
        while (!isCalm() && agenda.now() < bound) {
            runUntil(agenda.now() + SECOND);
        }
        observer.calm(this);
        leave();
        runUntil(agenda.now() + 2 * plan.ttlNanos + 60 * SECOND);
        observer.over(this);
    }

    private void runUntil(long time) {
        while (agenda.runOne(time)) {
            if (agenda.happened() > MOST_EVENTS) {
                throw violation("more than " + MOST_EVENTS + " events: something never rests");
            }
            if (failure != null) {
                throw new Violation(String.valueOf(failure.getMessage()));
            }
        }
    }

    /** Half of the clients say bye, the others are never seen again. */
    private void leave() {
        for (ClientEnd client : clients) {
            if (chance.oneIn(2)) {
                client.close();
            } else {
                client.die();
            }
        }
    }

    boolean isStorm() {
        return isStorm;
    }

    private void sendUp(int slot) {
        if (!isStorm) {
            return;
        }
        ClientEnd client = clients.get(slot);
        for (int i = chance.between(1, 2); i > 0; i--) {
            client.send();
        }
        client.settle();
        agenda.after(chance.millis(20, 660), () -> sendUp(slot));
    }

    private void sendDown(int slot) {
        if (!isStorm) {
            return;
        }
        ServerEnd server = ownerOf(clients.get(slot));
        if (server != null && !server.isAsleep()) {
            for (int i = chance.between(1, 2); i > 0; i--) {
                server.send();
            }
            server.settle();
        }
        agenda.after(chance.millis(20, 600), () -> sendDown(slot));
    }

    /** Returns a server's end of a client's session: the newest owner's. */
    @Nullable ServerEnd ownerOf(ClientEnd client) {
        Ledger ledger = client.ledger;
        ServerEnd found = null;
        for (Node node : nodes) {
            ServerEnd here = ledger == null ? null : node.find(ledger.sid);
            if (here != null
                    && (found == null || here.engine().epoch() > found.engine().epoch())) {
                found = here;
            }
        }
        return found;
    }

    /** Whether all that was accepted has been delivered and is known to have been. */
    boolean isCalm() {
        for (ClientEnd client : clients) {
            if (!client.isStopped && !client.isDead && !isCalm(client)) {
                return false;
            }
        }
        return true;
    }

    boolean isCalm(ClientEnd client) {
        ServerEnd server = ownerOf(client);
        Link link = client.newest();
        return link != null && !link.isCut && server != null && isQuiet(client) && isQuiet(server);
    }

    Iterable<Ledger> ledgers() {
        return ledgers.values();
    }

    /** A client's process is gone; another one begins in its place. */
    void replace(ClientEnd client) {
        client.die();
        succeed(client);
    }

    /** Another client begins where one has ended. */
    void succeed(ClientEnd client) {
        if (isStorm && clients.get(client.index) == client) {
            ClientEnd successor = new ClientEnd(this, client.index);
            clients.set(client.index, successor);
            successor.dialAfter(chance.millis(0, 900));
        }
    }

    private static boolean isQuiet(End end) {
        return end.isAttached
                && end.outbox.isEmpty()
                && end.inbox.isEmpty()
                && end.engine().sent() == end.engine().confirmed();
    }

    // ---- what there is ----

    Node nodeFor(@Nullable Node avoided) {
        Node node = nodes.get(chance.below(nodes.size()));
        for (int i = 0; i < 3 && (!node.isUp || node.isAsleep() || node == avoided); i++) {
            node = nodes.get(chance.below(nodes.size()));
        }
        return node;
    }

    Ledger ledger(SessionId sid) {
        return ledgers.computeIfAbsent(sid, Ledger::new);
    }

    Parcel parcel(int largest, boolean isUp) {
        Parcel parcel = new Parcel(parcels.size() + 1, Body.draw(chance, largest), isUp);
        parcels.add(parcel);
        return parcel;
    }

    int parcels() {
        return parcels.size();
    }

    /** Returns what has arrived, by its hidden identity; its content has to be what was sent. */
    Parcel parcelRead(Pipe pipe, int escape) {
        Parcel parcel = parcels.get(pipe.id() - 1);
        int from = pipe.start() + escape;
        int to = pipe.start() + pipe.length();
        byte[] bytes = parcel.body.bytes;
        boolean isSame = parcel.body.isText == (pipe.kind() == Pipe.TEXT)
                && Arrays.equals(bytes, 0, bytes.length, pipe.bytes, from, to);
        if (!isSame) {
            throw violation(parcel + " has arrived with another content");
        }
        return parcel;
    }

    Message stored(Parcel parcel) {
        Message message = parcel.message();
        stored.put(message, parcel);
        return message;
    }

    Parcel restored(Message message) {
        Parcel parcel = stored.get(message);
        if (parcel == null) {
            throw violation("the store has given back a message that it was not given");
        }
        return parcel;
    }

    byte[] bytes() {
        return new byte[512];
    }

    void count(Fault fault) {
        counts[fault.ordinal()]++;
    }

    // ---- what is wrong ----

    /** Remembers a violation, for what is thrown in a callback may be caught; throw what this returns. */
    Violation violation(String sentence) {
        Violation violation = new Violation(sentence);
        handleFailure(violation);
        return violation;
    }

    void handleFailure(Throwable thrown) {
        if (failure == null) {
            failure = thrown;
        }
    }

    @Nullable Throwable failure() {
        return failure;
    }
}
