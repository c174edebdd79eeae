package io.everwire.verification.mutation;

import io.everwire.verification.mutation.Mutation.Edit;
import java.util.List;

/**
 * Every way to break the engines that the simulator has to notice: first the mistakes of the protocol's model, then bugs that other
 * people's sessions had in the field, then what our own rules are there to prevent.
 */
public final class Mutations {
    private static final String RESUME = "session/src/main/java/io/everwire/session/resume/";
    private static final String ENGINE = RESUME + "ResumeEngine.java";
    private static final String CLIENT = RESUME + "ClientResume.java";
    private static final String SERVER = RESUME + "ServerResume.java";
    private static final String STORE = RESUME + "MemoryStore.java";
    private static final String TABLE = RESUME + "SessionTable.java";
    private static final String KEYS = RESUME + "ServerKeys.java";
    private static final String VAULT = "verification/src/main/java/io/everwire/verification/simulation/Vault.java";

    private static final Edit TABLE_CAN_LOSE_ITS_TAIL = new Edit(TABLE, "    private @Nullable Entry<M> owned(", """
                void loseTail() {
                    for (Entry<M> entry : sessions.all()) {
                        entry.epoch += 10;
                        if (entry.messages != null && entry.messages.pollLast() != null) {
                            entry.sent--;
                        }
                    }
                }

                private @Nullable Entry<M> owned(""");
    private static final Edit STORE_CAN_LOSE_ITS_TAIL =
            new Edit(STORE, "    private SessionTable<Message> stripeOf(", """
                public void loseTail() {
                    stripes.forEach(SessionTable::loseTail);
                }

                private SessionTable<Message> stripeOf(""");
    private static final Edit VAULT_LOSES_ITS_TAIL = new Edit(
            VAULT,
            "        forgotten.addAll(known);\n        store = new MemoryStore(key);",
            "        store.loseTail();");

    private Mutations() {}

    /** All of them, in the order of the documentation. */
    public static final List<Mutation> ALL = List.of(
            // The model's.
            Mutation.of(
                    "no-epoch-fence",
                    "a stale owner writes on after a takeover",
                    TABLE,
                    "return entry != null && entry.epoch == epoch && !entry.isDoubted ? entry : null;",
                    "return entry;"),
            Mutation.of(
                    "late-frames-counted",
                    "a server counts what still comes on the connection that was taken over",
                    ENGINE,
                    "if (from != connection || isOver) {\n            return false;",
                    "if ((from != connection && this instanceof ClientResume) || connection == NONE || isOver) {\n"
                            + "            return false;",
                    SERVER,
                    "fail(CloseCodes.TAKEN_OVER, \"another connection has taken the session over\", now);",
                    "detach();"),
            Mutation.of(
                    "client-late-frames",
                    "a client counts what still comes on a connection that it has given up",
                    ENGINE,
                    "if (from != connection || isOver) {\n            return false;",
                    "if ((from != connection && this instanceof ServerResume) || isOver) {\n            return false;"),
            Mutation.of(
                    "no-attempt-order",
                    "an upgrade that was delayed takes the session from its own client",
                    TABLE,
                    "if (attempt <= entry.attempt) {",
                    "if (attempt < 0) {"),
            Mutation.of(
                    "send-before-append",
                    "a message is written before the store has it",
                    SERVER,
                    "return writes != null ? writes.appended() : super.sendable();",
                    "return super.sendable();"),
            Mutation.of(
                    "auto-replay-new-session",
                    "Replit River #405: what a lost session held is sent into the next",
                    CLIENT,
                    "        sid = null;\n        secret = null;\n        reset();",
                    "        sid = null;\n        secret = null;\n        keep();",
                    ENGINE,
                    "    final void reset() {",
                    """
                        final void keep() {
                            java.util.List<M> held = new java.util.ArrayList<>();
                            for (long number = outbound.released() + 1; number <= outbound.last(); number++) {
                                held.add(outbound.at(number));
                            }
                            reset();
                            held.forEach(message -> outbound.add(message, 1));
                        }

                        final void reset() {"""),
            Mutation.of(
                    "ack-before-durable",
                    "what is received is acknowledged before it is committed",
                    SERVER,
                    "return writes != null ? writes.committed() : super.confirmedReceived();",
                    "return super.confirmedReceived();",
                    SERVER,
                    "return writes != null ? Math.min(handedAndCommitted(writes), arrived()) : super.settled();",
                    "return inbound.received();"),
            new Mutation(
                    "store-failover-no-check",
                    "a store that has lost its tail goes on as if it had not",
                    List.of(
                            TABLE_CAN_LOSE_ITS_TAIL,
                            STORE_CAN_LOSE_ITS_TAIL,
                            VAULT_LOSES_ITS_TAIL,
                            new Edit(SERVER, "|| claim.received() > sendable()", ""))),
            new Mutation(
                    "store-failover-range-check-only",
                    "and that a client has received more than was sent is not always seen",
                    List.of(TABLE_CAN_LOSE_ITS_TAIL, STORE_CAN_LOSE_ITS_TAIL, VAULT_LOSES_ITS_TAIL)),
            new Mutation(
                    "single-use-secret",
                    "XEP-0397: a secret that changes with every hello bricks the session when a hello is lost",
                    List.of(
                            new Edit(KEYS, "        return Hmac.of(\n", "        byte[] used = Hmac.of(\n"),
                            new Edit(KEYS, "                principal.getBytes(StandardCharsets.UTF_8));", """
                                                        principal.getBytes(StandardCharsets.UTF_8));
                                                used[0] += ServerResume.USES.getOrDefault(sid, (byte) 0);
                                                return used;\
                                    """),
                            new Edit(
                                    SERVER,
                                    "    private final SessionId sid;",
                                    "    static final java.util.Map<SessionId, Byte> USES = new java.util.HashMap<>();\n"
                                            + "    private final SessionId sid;"),
                            new Edit(
                                    SERVER,
                                    "        long replayedIn = ",
                                    "        USES.merge(sid, (byte) 1, (one, other) -> (byte) (one + other));\n"
                                            + "        long replayedIn = "),
                            new Edit(
                                    CLIENT,
                                    "        long replayedOut = ",
                                    "        secret[0]++;\n        long replayedOut = "))),
            Mutation.of(
                    "drop-oldest-on-overflow",
                    "RSocket, Eternal Terminal: a full buffer forgets what is oldest",
                    ENGINE,
                    "return outbound.at(written);",
                    "return outbound.at(outbound.last() - written > 6 ? ++written : written);"),
            Mutation.of(
                    "idle-offset-expiry",
                    "Socket.IO #5282: a session in which nothing is left to be sent again is not resumed",
                    SERVER,
                    "if (claim.received() < outbound.released()",
                    "if ((claim.received() > 0 && claim.received() == outbound.last())\n"
                            + "                || claim.received() < outbound.released()"),
            Mutation.of(
                    "resume-waits-for-old",
                    "RSocket: a session is not resumed while its old connection is not seen dead",
                    SERVER,
                    "if (claimed <= epoch) {",
                    "if (claimed <= epoch || connection() != NONE) {"),
            // The field's.
            Mutation.of(
                    "stale-end-detaches-new",
                    "nalix #345: the error of an old connection ends the new one",
                    ENGINE,
                    "if (ended == connection && ended != NONE && !isOver) {",
                    "if (connection != NONE && !isOver) {"),
            Mutation.of(
                    "expiry-after-resume",
                    "hermes-agent #77127: the time-out of a loss ends a session that was resumed meanwhile",
                    SERVER,
                    "        lifeDeadline = NO_DEADLINE;\n        armRenewal(now);\n        armBeat(now);",
                    "        armRenewal(now);\n        armBeat(now);"),
            Mutation.of(
                    "second-cut-skips",
                    "hermes-agent #114048: a second cut during the replay skips what was not replayed",
                    ENGINE,
                    "        written = peerReceived;",
                    "        written = Math.max(written, peerReceived);"),
            Mutation.of(
                    "two-connections",
                    "wire-webapp #21448: of two connections the dead one is served",
                    ENGINE,
                    "        connection = fresh;",
                    "        connection = connection == NONE ? fresh : connection;",
                    SERVER,
                    "        dropPresent(now);\n        transitionTo(State.SUSPENDED);",
                    "        transitionTo(State.SUSPENDED);"),
            Mutation.of(
                    "old-connection-kept",
                    "nats.js #302: an old connection is not given up before a new one is asked for",
                    CLIENT,
                    "        handleDetached(connection(), now);\n        helloDeadline",
                    "        helloDeadline"),
            Mutation.of(
                    "position-not-advanced",
                    "socket.io #5419: the position that is offered is an older one, and the same messages come again",
                    CLIENT,
                    "resumed, attempt, inbound.received(), outbound",
                    "resumed, attempt, inbound.told(), outbound"),
            Mutation.of(
                    "resume-before-noticed",
                    "redis-streams-adapter #26: a client that is back before its loss was noticed is not resumed",
                    SERVER,
                    "if (state == State.OVER || claim == null) {",
                    "if (state == State.OVER || state == State.ATTACHED || claim == null) {"),
            // Our own.
            Mutation.of(
                    "window-ignored",
                    "a sender that sends beyond the window",
                    ENGINE,
                    "return outbound.chargedMessages() < peerMessages",
                    "return outbound.chargedMessages() < 4 * peerMessages"),
            Mutation.of(
                    "early-release",
                    "what was written is taken for received",
                    ENGINE,
                    "        outbound.release(peerReceived);",
                    "        outbound.release(Math.max(peerReceived, written));"),
            Mutation.of(
                    "silent-end",
                    "a session ends and its application is not told",
                    SERVER,
                    "            over();\n            emit(new ResumeOutput.Lost(end.loss()));",
                    "            over();"),
            Mutation.of(
                    "uncommitted-lost",
                    "what was received and not committed is counted twice on the next connection",
                    ENGINE,
                    "        if (arrived <= inbound.received()) {",
                    "        if (arrived < 0) {"),
            Mutation.of(
                    "ends-before-the-store",
                    "a session is over before the store has agreed, so another owner may go on with it",
                    SERVER,
                    "        ending = new ResumeOutput.End(",
                    "        emit(new ResumeOutput.Lost(lossOf(reason, -1)));\n        ending = new ResumeOutput.End("));
}
