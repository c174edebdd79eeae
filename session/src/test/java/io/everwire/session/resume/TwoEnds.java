package io.everwire.session.resume;

import io.everwire.LossReason;
import io.everwire.Message;
import io.everwire.ResumePolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A client's engine and a server's desk on one virtual clock, joined by a wire that delivers at once, or what is left of it when it
 * is cut.
 */
final class TwoEnds implements SessionDesk.House<String> {
    static final long MILLI = 1_000_000;

    final MemoryStore store = new MemoryStore(new byte[32]);
    final SessionSettings settings;
    final ClientResume<String> client;
    final SessionDesk<String> desk;
    final Map<SessionId, Home> homes = new HashMap<>();
    final List<String> clientHeard = new ArrayList<>();
    final List<String> serverHeard = new ArrayList<>();
    final List<String> clientTold = new ArrayList<>();
    final List<String> serverTold = new ArrayList<>();
    final List<Control> onWire = new ArrayList<>();

    @Nullable Home home;

    long serverConnection;
    long now = 1_000_000 * MILLI;
    boolean isWhole;
    boolean isClientPaused;
    boolean isServerPaused;
    private byte random;

    /** A session that lives at the server. */
    static final class Home implements SessionDesk.Resident<String> {
        final ServerResume<String> engine;

        Home(ServerResume<String> engine) {
            this.engine = engine;
        }

        @Override
        public void run(Runnable work) {
            work.run();
        }

        @Override
        public ServerResume<String> engine() {
            return engine;
        }
    }

    TwoEnds(ResumePolicy policy) {
        this(policy, SessionStore.Durability.MEMORY);
    }

    TwoEnds(ResumePolicy policy, SessionStore.Durability durability) {
        settings = new SessionSettings(
                policy, policy.windowBytes() - 64, 0, durability, new ReplayBudget(Long.MAX_VALUE / 2));
        client = new ClientResume<>(policy, Integer.MAX_VALUE >> 1, new ReplayBudget(Long.MAX_VALUE / 2));
        desk = new SessionDesk<>(ServerKeys.of(store.serverKey()), store, settings, this, () -> {
            byte[] fresh = new byte[15];
            fresh[14] = ++random;
            return fresh;
        });
    }

    /** Dials, and lets the two ends say what they have to say. */
    void connect() {
        deliver(offer());
    }

    SessionDesk.Arrival offer() {
        return new SessionDesk.Arrival(client.offer(7, "/", List.of(), now), "", "/", List.of(), null);
    }

    void deliver(SessionDesk.Arrival arrival) {
        client.handleSelected(client.attempt(), now);
        desk.open(arrival, (resident, connection) -> {
                    home = (Home) resident;
                    serverConnection = connection;
                    isWhole = true;
                })
                .thenAccept(opened -> {
                    if (opened instanceof SessionDesk.Opening.Refused<String> refused) {
                        clientTold.add("refused " + refused.status().code());
                    }
                });
        flow();
    }

    /** The cable is cut: what is on it is lost, and nobody is told. */
    void cut() {
        isWhole = false;
    }

    void clientNotices() {
        cut();
        client.handleDetached(client.attempt(), now);
        flow();
    }

    void serverNotices() {
        cut();
        if (home != null) {
            home.engine.handleDetached(serverConnection, now);
        }
        flow();
    }

    void clientSends(String text) {
        if (client.hasRoom(text.length())) {
            client.accept(text, text.length(), now);
        }
        flow();
    }

    void serverSends(String text) {
        Home present = home;
        if (present != null && present.engine.hasRoom(text.length())) {
            present.engine.accept(text, text.length(), now);
        }
        flow();
    }

    void pass(long millis) {
        for (long passed = 0; passed < millis; passed += 10) {
            now += 10 * MILLI;
            client.handleDeadline(now);
            if (home != null) {
                home.engine.handleDeadline(now);
            }
            flow();
        }
    }

    /** Carries everything until both ends are silent. */
    void flow() {
        boolean hasMoved = true;
        while (hasMoved) {
            hasMoved = pumpClient();
            hasMoved |= pumpServer();
        }
    }

    private boolean pumpClient() {
        boolean hasMoved = false;
        for (ResumeOutput output = client.poll(); output != null; output = client.poll()) {
            hasMoved = true;
            if (output instanceof ResumeOutput.Write write) {
                if (isWhole && home != null) {
                    onWire.add(write.control());
                    home.engine.handleControl(serverConnection, write.control(), now);
                }
            } else {
                clientTold.add(said(output));
            }
        }
        for (String data = client.pollData(client.attempt()); data != null; data = client.pollData(client.attempt())) {
            hasMoved = true;
            if (isWhole && home != null && home.engine.handleData(serverConnection, data.length(), now)) {
                serverHeard.add(data);
                if (!isServerPaused) {
                    home.engine.handleHanded(1, home.engine.received(), now);
                }
            }
        }
        return hasMoved;
    }

    private boolean pumpServer() {
        Home present = home;
        if (present == null) {
            return false;
        }
        boolean hasMoved = false;
        for (ResumeOutput output = present.engine.poll(); output != null; output = present.engine.poll()) {
            hasMoved = true;
            if (output instanceof ResumeOutput.Write write) {
                hear(write);
            } else if (output instanceof ResumeOutput.StoreWrite write) {
                store(present, write);
            } else {
                serverTold.add(said(output));
            }
        }
        for (String data = present.engine.pollData(serverConnection);
                data != null;
                data = present.engine.pollData(serverConnection)) {
            hasMoved = true;
            if (isWhole && client.handleData(client.attempt(), data.length(), now)) {
                clientHeard.add(data);
                if (!isClientPaused) {
                    client.handleHanded(client.incarnation(), client.received(), now);
                }
            }
        }
        return hasMoved;
    }

    private void hear(ResumeOutput.Write write) {
        if (!isWhole || write.connection() != serverConnection) {
            return;
        }
        onWire.add(write.control());
        if (write.control() instanceof Control.Hello) {
            client.handleFirst(client.attempt(), write.control(), false, now);
        } else {
            client.handleControl(client.attempt(), write.control(), now);
        }
    }

    private void store(Home present, ResumeOutput.StoreWrite write) {
        SessionId sid = present.engine.sid();
        CompletionStage<SessionStore.Outcome> stage;
        if (write instanceof ResumeOutput.Append append) {
            stage = store.append(
                    sid,
                    append.epoch(),
                    append.first(),
                    append.messages().stream()
                            .map(text -> Message.text((String) text))
                            .toList());
        } else if (write instanceof ResumeOutput.Commit commit) {
            stage = store.commit(sid, commit.epoch(), commit.received(), commit.acknowledged());
        } else if (write instanceof ResumeOutput.End end) {
            stage = store.end(
                    sid,
                    end.epoch(),
                    end.tombstone() < 0
                            ? null
                            : new SessionStore.Tombstone(end.loss().reason(), end.tombstone(), nowMillis()));
        } else {
            stage = store.renew(sid, write.epoch(), nowMillis(), SessionDesk.storeTtlMillis(settings));
        }
        stage.thenAccept(outcome -> present.engine.handleStored(write, outcome, now));
    }

    private static String said(ResumeOutput output) {
        if (output instanceof ResumeOutput.Lost lost) {
            return "lost " + lost.loss().reason() + " delivered " + lost.loss().delivered() + " unknown "
                    + lost.loss().unknown() + " undelivered " + lost.loss().undelivered();
        }
        if (output instanceof ResumeOutput.Resumed resumed) {
            return "resumed in " + resumed.replayedIn() + " out " + resumed.replayedOut();
        }
        if (output instanceof ResumeOutput.Drop drop) {
            return "drop " + drop.status().code();
        }
        return output instanceof ResumeOutput.Begun
                ? "begun"
                : output instanceof ResumeOutput.Ended ended ? "ended " + ended.code() : output.toString();
    }

    /** The server is told nothing and has forgotten everything but its store. */
    void restartServer() {
        homes.clear();
        home = null;
        isWhole = false;
    }

    // ---- House ----

    @Override
    public @Nullable Home find(SessionId sid) {
        return homes.get(sid);
    }

    @Override
    public Home house(ServerResume<String> engine) {
        return homes.computeIfAbsent(engine.sid(), sid -> new Home(engine));
    }

    @Override
    public void forget(SessionId sid, SessionDesk.Resident<String> resident) {
        homes.remove(sid);
    }

    @Override
    public String restored(Message message) {
        return message.text();
    }

    @Override
    public long nowNanos() {
        return now;
    }

    @Override
    public long nowMillis() {
        return now / MILLI;
    }

    static String lost(LossReason reason, long delivered, long unknown, long undelivered) {
        return "lost " + reason + " delivered " + delivered + " unknown " + unknown + " undelivered " + undelivered;
    }
}
