package io.everwire.verification.simulation;

import io.everwire.Message;
import io.everwire.session.resume.MalformedOfferException;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.ReplayBudget;
import io.everwire.session.resume.ServerKeys;
import io.everwire.session.resume.ServerResume;
import io.everwire.session.resume.SessionDesk;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionSettings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A server process: takes upgrade requests to its desk, and houses sessions. It can stand still, crash, and start again. */
final class Node implements SessionDesk.House<Parcel> {
    private static final long SWEEP_NANOS = 10_000_000_000L;

    final World world;
    final int index;
    private final Map<SessionId, ServerEnd> residents = new HashMap<>();
    /** In the order of their coming, because a map's order is none of the seed's. */
    final List<ServerEnd> inOrder = new ArrayList<>();

    ReplayBudget budget;
    ShakyStore store;
    private SessionSettings settings;
    private SessionDesk<Parcel> desk;
    private long awakeAt;
    boolean isUp = true;
    boolean isSlow;
    /** How far its clock is off, in milliseconds. */
    long skewMillis;

    /** Grows with each start; what an earlier process has under way is void. */
    int start;

    Node(World world, int index) {
        this.world = world;
        this.index = index;
        budget = new ReplayBudget(world.plan.serverBudget);
        store = new ShakyStore(world, this);
        settings = world.plan.settings(budget);
        desk = newDesk();
    }

    private SessionDesk<Parcel> newDesk() {
        return new SessionDesk<>(
                ServerKeys.of(world.vault.store.serverKey()), store, settings, this, this::fifteenBytes);
    }

    private byte[] fifteenBytes() {
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(world.chance.next())
                .putLong(world.chance.next())
                .array();
        return Arrays.copyOf(bytes, 15);
    }

    // ---- its life ----

    boolean isAsleep() {
        return world.agenda.now() < awakeAt;
    }

    long awakeAt() {
        return awakeAt;
    }

    void sleep(long nanos) {
        awakeAt = Math.max(awakeAt, world.agenda.now() + nanos);
    }

    void wake() {
        awakeAt = world.agenda.now();
    }

    /** Does something in this process: later when it stands still, never when it is gone. */
    void after(long nanos, Step step) {
        world.agenda.after(nanos, new Here(step));
    }

    private final class Here implements Step {
        private final Step step;
        private final int mine = start;

        Here(Step step) {
            this.step = step;
        }

        @Override
        public void run() {
            if (mine != start) {
                return;
            }
            if (isAsleep()) {
                world.agenda.at(awakeAt, this);
            } else {
                step.run();
            }
        }
    }

    /** The process ends without a word. */
    void crash() {
        isUp = false;
        world.observer.crashing(this);
        start++;
        awakeAt = 0;
        for (ServerEnd resident : inOrder) {
            world.observer.crashed(resident);
            resident.die();
        }
        inOrder.clear();
        residents.clear();
        store.die();
        if (!world.plan.isDurable) {
            world.vault.dieWith(world.chance);
        }
        for (Link link : world.links) {
            if (link.node == this && link.isServerOpen) {
                link.isServerOpen = false;
                if (world.chance.percent(70)) {
                    link.cut();
                } else {
                    link.mute(true, true);
                }
            }
        }
    }

    void restart() {
        if (isUp) {
            return;
        }
        isUp = true;
        budget = new ReplayBudget(world.plan.serverBudget);
        store = new ShakyStore(world, this);
        settings = world.plan.settings(budget);
        desk = newDesk();
        sweepLater();
    }

    void sweepLater() {
        after(Math.max(world.plan.ttlNanos / 2, SWEEP_NANOS), () -> {
            store.sweep(nowMillis());
            sweepLater();
        });
    }

    // ---- its connections ----

    void receive(Link link) {
        Pipe pipe = link.up;
        while (link.isServerOpen && pipe.hasEnvelope()) {
            ServerEnd resident = link.resident;
            if (pipe.kind() == Pipe.REQUEST) {
                accept(link, pipe);
                pipe.next();
            } else if (pipe.kind() == Pipe.CLOSE) {
                pipe.next();
                handleGone(link);
            } else if (resident == null) {
                return;
            } else {
                resident.read(link, pipe);
                pipe.next();
                resident.settle();
            }
        }
    }

    private void accept(Link link, Pipe pipe) {
        link.isRequested = true;
        String request = new String(pipe.bytes, pipe.start(), pipe.length(), StandardCharsets.US_ASCII);
        List<String> offered = List.of(request.split(", ", -1));
        Offer offer;
        try {
            offer = Offer.find(offered);
        } catch (MalformedOfferException e) {
            throw world.violation("the server does not understand an offer: " + e.getMessage());
        }
        if (offer == null) {
            throw world.violation("a request without an offer");
        }
        List<String> application = Offer.application(offered);
        SessionDesk.Arrival arrival = new SessionDesk.Arrival(
                offer, link.principal, ClientEnd.PATH, application, application.isEmpty() ? null : application.get(0));
        world.observer.arrived(link, offer);
        int mine = start;
        desk.open(arrival, (resident, connection) -> attach(link, (ServerEnd) resident, connection))
                .whenComplete((opening, error) -> {
                    if (mine == start) {
                        opened(link, opening, error);
                    }
                });
    }

    private void attach(Link link, ServerEnd resident, long connection) {
        respond(link, 101);
        world.observer.opened(link, resident, connection);
        resident.attach(link, connection);
    }

    private void opened(Link link, SessionDesk.@Nullable Opening<Parcel> opening, @Nullable Throwable error) {
        if (opening instanceof SessionDesk.Opening.Refused<Parcel> refused) {
            respond(link, 101);
            world.observer.refused(link, refused.status());
            link.closeByServer(refused.status().code());
        } else if (error != null) {
            Throwable cause =
                    error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
            if (!(cause instanceof StoreFailure) && !(cause instanceof IllegalStateException)) {
                throw world.violation("the desk failed: " + cause);
            }
            link.closeByServer(1013);
        }
    }

    private void respond(Link link, int status) {
        if (link.isServerOpen) {
            link.down.write(Pipe.RESPONSE, status, World.NOTHING, 0);
        }
    }

    /** The connection has ended under the server. */
    void handleGone(Link link) {
        if (link.isServerOpen) {
            link.closeByServer(1000);
            ServerEnd resident = link.resident;
            if (resident != null && !resident.isDead) {
                resident.handleGone(link);
            }
        }
    }

    // ---- its house ----

    @Override
    public @Nullable ServerEnd find(SessionId sid) {
        return residents.get(sid);
    }

    @Override
    public ServerEnd house(ServerResume<Parcel> engine) {
        ServerEnd here = residents.get(engine.sid());
        if (here == null) {
            here = new ServerEnd(this, engine);
            residents.put(engine.sid(), here);
            inOrder.add(here);
            here.settle();
        }
        return here;
    }

    @Override
    public void forget(SessionId sid, SessionDesk.Resident<Parcel> resident) {
        if (residents.remove(sid, resident)) {
            inOrder.remove(resident);
        }
    }

    @Override
    public Parcel restored(Message message) {
        return world.restored(message);
    }

    @Override
    public long nowNanos() {
        return world.agenda.now();
    }

    @Override
    public long nowMillis() {
        return world.agenda.now() / 1_000_000 + skewMillis;
    }

    long storeTtlMillis() {
        return SessionDesk.storeTtlMillis(settings);
    }
}
