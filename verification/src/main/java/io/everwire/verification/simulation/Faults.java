package io.everwire.verification.simulation;

import io.everwire.session.resume.ServerState;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Chooses what goes wrong, and when. Two things are frequent that plain chance hardly meets: an owner that stands still while its
 * session is taken elsewhere, and something that happens right after a takeover.
 */
@SuppressWarnings("EnumOrdinal") // Tables by ordinal: a schedule allocates nothing for its counts.
final class Faults {
    private static final long SECOND = 1_000_000_000L;
    private static final Fault[] BY_WEIGHT = weighted();

    private final World world;
    private final Chance chance;
    private boolean isOn = true;
    /** Until when the store is out of order, how, and how often. */
    private long storeTroubleUntil;

    private Fault storeTrouble = Fault.STORE_SLOW;
    private int storeTroubleShare;

    Faults(World world) {
        this.world = world;
        chance = world.chance;
    }

    private static Fault[] weighted() {
        Fault[] all = new Fault[100];
        int[] weights = weights();
        int next = 0;
        for (Fault fault : Fault.values()) {
            for (int i = weights[fault.ordinal()]; i > 0; i--) {
                all[next++] = fault;
            }
        }
        return Arrays.copyOf(all, next);
    }

    private static int[] weights() {
        int[] weights = new int[Fault.values().length];
        weights[Fault.CUT.ordinal()] = 8;
        weights[Fault.CUT_AT_BYTE.ordinal()] = 8;
        weights[Fault.HALF_OPEN_UP.ordinal()] = 3;
        weights[Fault.HALF_OPEN_DOWN.ordinal()] = 3;
        weights[Fault.BLACK_HOLE.ordinal()] = 3;
        weights[Fault.UPGRADES_RACING.ordinal()] = 5;
        weights[Fault.NODE_CRASH.ordinal()] = 3;
        weights[Fault.CLIENT_CRASH.ordinal()] = 2;
        weights[Fault.OWNER_PAUSED.ordinal()] = 3;
        weights[Fault.OWNER_PAUSED_OVER_TAKEOVER.ordinal()] = 8;
        weights[Fault.CLOCK_JUMP.ordinal()] = 2;
        weights[Fault.STORE_ERROR.ordinal()] = 3;
        weights[Fault.STORE_ANSWER_LOST.ordinal()] = 3;
        weights[Fault.STORE_SLOW.ordinal()] = 2;
        weights[Fault.STORE_TAIL_LOST.ordinal()] = 2;
        weights[Fault.SLOW_CONSUMER.ordinal()] = 3;
        weights[Fault.CLIENT_APPLICATION_PAUSED.ordinal()] = 3;
        weights[Fault.SERVER_APPLICATION_PAUSED.ordinal()] = 3;
        weights[Fault.LONG_OUTAGE.ordinal()] = 4;
        weights[Fault.FLOOD.ordinal()] = 2;
        weights[Fault.BYE_BY_CLIENT.ordinal()] = 2;
        weights[Fault.BYE_BY_SERVER.ordinal()] = 2;
        weights[Fault.MOVE.ordinal()] = 4;
        weights[Fault.IMPATIENT_CLIENT.ordinal()] = 5;
        weights[Fault.STRANGER.ordinal()] = 3;
        weights[Fault.REPLAYED_REQUEST.ordinal()] = 3;
        weights[Fault.THIEF.ordinal()] = 2;
        return weights;
    }

    // ---- when ----

    void begin() {
        world.agenda.after(chance.millis(100, 2_000), this::strike);
    }

    private void strike() {
        if (isOn) {
            strikeOnce(BY_WEIGHT[chance.below(BY_WEIGHT.length)], client());
            world.agenda.after(chance.millis(100, 2_800), this::strike);
        }
    }

    private ClientEnd client() {
        return world.clients.get(chance.below(world.clients.size()));
    }

    /** A session was resumed while its old connection, or another owner, was still there. */
    void handleTakeover(ServerEnd server) {
        if (!isOn || !chance.oneIn(4)) {
            return;
        }
        count(Fault.AFTER_TAKEOVER);
        for (Node node : world.nodes) {
            node.wake();
        }
        ClientEnd client = client();
        int draw = chance.below(5);
        Fault next = draw == 0
                ? Fault.CUT
                : draw == 1
                        ? Fault.UPGRADES_RACING
                        : draw == 2 ? Fault.IMPATIENT_CLIENT : draw == 3 ? Fault.OWNER_PAUSED : Fault.CUT_AT_BYTE;
        world.agenda.after(chance.micros(0, 4_000), () -> {
            if (isOn) {
                strikeOnce(next, client);
            }
        });
    }

    private void count(Fault fault) {
        world.count(fault);
        world.observer.struck(fault);
    }

    // ---- what ----

    /** Does one thing; counts it when there was something to be done. */
    private void strikeOnce(Fault fault, ClientEnd client) {
        Link link = client.newest();
        boolean isDone = switch (fault) {
            case CUT, CUT_AT_BYTE, HALF_OPEN_UP, HALF_OPEN_DOWN, BLACK_HOLE -> link != null && harm(fault, link);
            case UPGRADES_RACING, IMPATIENT_CLIENT, LONG_OUTAGE, CLIENT_CRASH, BYE_BY_CLIENT -> disturb(fault, client);
            case OWNER_PAUSED, OWNER_PAUSED_OVER_TAKEOVER, BYE_BY_SERVER, MOVE, FLOOD -> disturbOwner(fault, client);
            case STRANGER -> world.strangers.guess(client);
            case REPLAYED_REQUEST -> world.strangers.replay(client);
            // The theft counts when it has succeeded.
            case THIEF -> {
                world.strangers.steal(client);
                yield false;
            }
            case NODE_CRASH, CLOCK_JUMP -> disturbNode(fault, world.nodes.get(chance.below(world.nodes.size())));
            case STORE_ERROR, STORE_ANSWER_LOST, STORE_SLOW, STORE_TAIL_LOST -> disturbStore(fault);
            default -> disturbApplication(fault, client);
        };
        if (isDone) {
            count(fault);
        }
    }

    private boolean harm(Fault fault, Link link) {
        switch (fault) {
            case CUT -> link.cut();
            case CUT_AT_BYTE -> link.cutAfter(chance.oneIn(2) ? link.up : link.down, chance.below(300));
            case HALF_OPEN_UP -> link.mute(true, false);
            case HALF_OPEN_DOWN -> link.mute(false, true);
            default -> link.mute(true, true);
        }
        return true;
    }

    private boolean disturb(Fault fault, ClientEnd client) {
        if (client.isStopped || client.isDead) {
            return false;
        }
        switch (fault) {
            case UPGRADES_RACING -> {
                client.dial();
                Link first = client.newest();
                world.agenda.after(chance.micros(0, 1_500), () -> {
                    client.dial();
                    Link second = client.newest();
                    if (first != null && second != null && first.node != second.node) {
                        count(Fault.UPGRADES_RACING_TO_TWO_NODES);
                    }
                });
            }
            case IMPATIENT_CLIENT -> {
                Link link = client.newest();
                if (link == null) {
                    return false;
                }
                client.abandon(link);
            }
            case LONG_OUTAGE ->
                client.goOffline(
                        world.plan.ttlNanos < 10 * SECOND
                                ? world.plan.ttlNanos + chance.millis(0, 6_000)
                                : chance.millis(3_000, 9_000));
            case CLIENT_CRASH -> world.replace(client);
            default -> client.close();
        }
        return true;
    }

    private boolean disturbOwner(Fault fault, ClientEnd client) {
        ServerEnd server = world.ownerOf(client);
        if (server == null) {
            return false;
        }
        switch (fault) {
            case OWNER_PAUSED -> server.node.sleep(chance.millis(5, 2_500));
            case OWNER_PAUSED_OVER_TAKEOVER -> {
                server.node.sleep(chance.millis(20, 3_000));
                client.avoid(server.node);
                client.dialAfter(chance.micros(0, 30_000));
            }
            case MOVE -> {
                server.engine().move(chance.below(300), chance.below(900), null);
                server.settle();
            }
            case FLOOD -> {
                client.goOffline(chance.millis(1_000, 5_000));
                world.agenda.after(chance.millis(10, 900), () -> flood(server, 6));
            }
            default -> {
                if (server.engine().state() == ServerState.ATTACHED && chance.percent(80)) {
                    server.engine().bye(1001, "going away");
                } else {
                    server.engine().close();
                }
                server.settle();
            }
        }
        return true;
    }

    /** The application of a server sends much while its client is away, and again. */
    private void flood(ServerEnd server, int times) {
        if (!isOn || server.isDead || times == 0) {
            return;
        }
        if (!server.isAsleep()) {
            server.isFlooding = true;
            for (int i = 0; i < World.MOST_QUEUED; i++) {
                server.send();
            }
            server.settle();
        }
        world.agenda.after(chance.millis(5, 300), () -> flood(server, times - 1));
    }

    private boolean disturbNode(Fault fault, Node node) {
        if (!node.isUp) {
            return false;
        }
        if (fault == Fault.NODE_CRASH) {
            node.crash();
            world.agenda.after(chance.millis(5, 2_000), node::restart);
        } else if (chance.oneIn(3)) {
            world.hasJumped = true;
            node.skewMillis += chance.between(-300_000, 300_000);
        } else {
            node.skewMillis = Math.max(-4_000, Math.min(4_000, node.skewMillis + chance.between(-4_000, 4_000)));
        }
        return true;
    }

    private boolean disturbStore(Fault fault) {
        if (!world.plan.isDurable) {
            return false;
        }
        if (fault == Fault.STORE_TAIL_LOST) {
            world.vault.loseTail();
            return true;
        }
        storeTrouble = fault;
        storeTroubleUntil = world.agenda.now() + chance.millis(100, 3_000);
        storeTroubleShare = chance.between(10, 70);
        // Counted where it happens, call by call.
        return false;
    }

    private boolean disturbApplication(Fault fault, ClientEnd client) {
        ServerEnd server = world.ownerOf(client);
        long time = chance.millis(50, 3_500);
        if (fault == Fault.CLIENT_APPLICATION_PAUSED) {
            client.inbox.pause();
            world.agenda.after(time, client.inbox::goOn);
        } else if (fault == Fault.SERVER_APPLICATION_PAUSED && server != null) {
            server.inbox.pause();
            world.agenda.after(time, server.inbox::goOn);
            if (chance.oneIn(2)) {
                client.inbox.pause();
                world.agenda.after(time, client.inbox::goOn);
            }
        } else if (fault == Fault.SLOW_CONSUMER) {
            client.isSlow = chance.oneIn(2);
            if (server != null) {
                server.node.isSlow = !client.isSlow;
            }
        } else {
            return false;
        }
        return true;
    }

    // ---- asked by others ----

    /** A connection was dialed; its opening is the most vulnerable. */
    void handleDialed(Link link) {
        if (!link.node.isUp) {
            link.isServerOpen = false;
            link.cut();
            return;
        }
        if (!isOn) {
            return;
        }
        if (chance.oneIn(10)) {
            count(Fault.CUT_IN_OPENING);
            if (chance.oneIn(3)) {
                link.cutAfter(link.up, -1 - chance.below(link.up.written));
            } else {
                link.cutAfter(link.down, chance.below(250));
            }
        } else if (chance.oneIn(12)) {
            // The request comes so late that its client has dialed again.
            count(Fault.UPGRADE_DELAYED);
            link.up.latest = world.agenda.now() + chance.millis(20, 6_000);
        }
    }

    /** Draws what becomes of a call of a store; null for what it should. */
    @Nullable Fault fateOfStoreCall() {
        if (isOn && world.agenda.now() < storeTroubleUntil && chance.percent(storeTroubleShare)) {
            count(storeTrouble);
            return storeTrouble;
        }
        return null;
    }

    /** Ends all that is wrong. */
    void heal() {
        isOn = false;
        for (Node node : world.nodes) {
            node.wake();
            node.restart();
            node.isSlow = false;
        }
        for (ClientEnd client : world.clients) {
            client.isSlow = false;
            client.goOnline();
        }
        for (Link link : world.links) {
            if (!link.isCut) {
                link.up.limit = Integer.MAX_VALUE;
                link.down.limit = Integer.MAX_VALUE;
            }
        }
    }
}
