package io.everwire.verification.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.LossReason;
import io.everwire.Message;
import io.everwire.ResumePolicy;
import io.everwire.SessionEvent;
import io.everwire.SessionState;
import io.everwire.server.Authentication;
import io.everwire.server.EverwireServer;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.MemoryStore;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore;
import io.everwire.transport.SessionCounts;
import io.everwire.transport.SessionQuotas;
import io.everwire.verification.conversation.Frame;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RawPeer;
import io.everwire.verification.conversation.RecordingListener;
import io.everwire.verification.conversation.SessionPeer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that want a session that is not theirs, more sessions than they may have, or one that breaks. */
class HostileSessionsTest {
    @AutoClose
    private final Opened opened = new Opened();

    /** Is told of the first session of a server. */
    private final RecordingListener listener = new RecordingListener();

    private EverwireServer.Builder builder() {
        AtomicInteger sessions = new AtomicInteger();
        return EverwireServer.builder()
                .sessions(ResumePolicy.DEFAULT)
                .listen(
                        "/",
                        handshake -> sessions.getAndIncrement() == 0 ? listener : new RecordingListener(),
                        null,
                        "chat",
                        "news");
    }

    private EverwireServer serve() {
        return opened.serve(builder());
    }

    /** A server that takes a client for who it says it is. */
    private EverwireServer serveByName(SessionQuotas quotas) {
        return opened.serve(builder().sessionQuotas(quotas).authenticate(handshake -> {
            String name = Objects.requireNonNullElse(handshake.header("x-name"), "");
            return Authentication.granted(name.isEmpty() ? null : () -> name).now();
        }));
    }

    private static SessionCounts counts(EverwireServer server) {
        return Objects.requireNonNull(server.sessionCounts());
    }

    private SessionPeer victim(EverwireServer server, String... headers) throws IOException {
        SessionPeer victim = opened.add(SessionPeer.begin(server.port(), headers));
        listener.await(SessionEvent.Ready.class);
        return victim;
    }

    private void assertUndisturbed(SessionPeer victim) throws IOException {
        int before = listener.messageCount();
        victim.send("undisturbed");
        Patience.until("its message is there", () -> listener.messageCount() == before + 1);
        assertThat(listener.all(SessionEvent.Suspended.class)).isEmpty();
        assertThat(listener.all(SessionEvent.SessionLost.class)).isEmpty();
    }

    private static void assertUnknown(SessionPeer thief, SessionPeer victim) {
        assertThat(thief.hello().status()).isEqualTo(Control.Status.FRESH);
        assertThat(thief.hello().reason()).isEqualTo(LossReason.UNKNOWN);
        assertThat(thief.hello().peerReceived()).isEqualTo(-1);
        assertThat(thief.hello().sid()).isNotEqualTo(victim.hello().sid());
    }

    private static Offer claim(SessionPeer of, long attempt, long received, long first, long next) {
        return SessionPeer.claim(of.hello(), of.secret(), attempt, received, first, next);
    }

    // ---- somebody else's session ----

    @DisplayName("RES-03: a stolen offer, replayed")
    @Test
    void acceptsAnOfferOnceAndLeavesTheHolderAlone() throws IOException {
        EverwireServer server = serve();
        SessionPeer first = opened.add(SessionPeer.begin(server.port()));
        Offer offer = claim(first, 1, 0, 1, 1);
        SessionPeer holder = opened.add(SessionPeer.open(server.port(), offer));
        holder.ack(0);
        listener.await(SessionEvent.Resumed.class);
        int suspended = listener.all(SessionEvent.Suspended.class).size();
        for (int i = 0; i < 20; i++) {
            try (SessionPeer thief = SessionPeer.open(server.port(), offer)) {
                assertThat(thief.readClose().closeCode()).isEqualTo(4409);
            }
        }
        holder.send("undisturbed");
        assertThat(listener.next().text()).isEqualTo("undisturbed");
        assertThat(listener.all(SessionEvent.Suspended.class)).hasSize(suspended);
    }

    @DisplayName("RES-03: a guessed session id")
    @Test
    void tellsNobodyWhichSessionsThereAre() throws IOException {
        EverwireServer server = serve();
        SessionPeer victim = victim(server);
        SessionId unknown = SessionId.of(new byte[16]);
        List<String> answers = new ArrayList<>();
        for (SessionId sid : List.of(victim.hello().sid(), unknown)) {
            Offer guess = SessionPeer.sign(new Offer.Claim(sid, 1_000, 0, 1, 1), new byte[32], List.of());
            try (SessionPeer thief = SessionPeer.open(server.port(), guess)) {
                assertUnknown(thief, victim);
                answers.add(thief.hello().toString().replaceAll("sid=\\S+", "sid"));
            }
        }
        assertThat(answers.get(0)).as("one answer to both").isEqualTo(answers.get(1));
        assertUndisturbed(victim);
        // The attempt of the guess was not counted.
        try (SessionPeer back = SessionPeer.open(server.port(), claim(victim, 1, 0, 1, 2))) {
            assertThat(back.hello().status()).isEqualTo(Control.Status.RESUMED);
        }
    }

    @DisplayName("RES-01: another principal with a token that was stolen")
    @Test
    void keysTheSecretByThePrincipal() throws IOException {
        EverwireServer server = serveByName(SessionQuotas.DEFAULT);
        SessionPeer ann = victim(server, "X-Name: ann");
        for (String other : List.of("X-Name: bob", "X-Name: an", "X-Nobody: ann")) {
            try (SessionPeer thief = SessionPeer.open(server.port(), claim(ann, 1, 0, 1, 1), other)) {
                assertUnknown(thief, ann);
            }
        }
        assertThat(counts(server).badClaims()).isEqualTo(3);
        assertUndisturbed(ann);
        try (SessionPeer back = SessionPeer.open(server.port(), claim(ann, 1, 0, 1, 2), "X-Name: ann")) {
            assertThat(back.hello().status()).isEqualTo(Control.Status.RESUMED);
        }
    }

    @DisplayName("RES-05: a session resumed with another subprotocol, or on another path")
    @Test
    void resumesOnlyAsItWasSigned() throws IOException {
        EverwireServer server = opened.serve(builder().listen("/other", new RecordingListener()));
        String begin = SessionPeer.request(SessionPeer.newOffer(1), "/", List.of("chat"));
        SessionPeer victim = opened.add(SessionPeer.open(RawPeer.dial(server.port()), begin));
        victim.ack(0);
        listener.await(SessionEvent.Ready.class);
        Offer offer =
                SessionPeer.sign(new Offer.Claim(victim.hello().sid(), 1, 0, 1, 1), victim.secret(), List.of("chat"));
        for (String request : List.of(
                SessionPeer.request(offer, "/", List.of("news")),
                SessionPeer.request(offer, "/", List.of()),
                SessionPeer.request(offer, "/", List.of("chat", "news")),
                SessionPeer.request(offer, "/other", List.of("chat")))) {
            try (SessionPeer thief = SessionPeer.open(RawPeer.dial(server.port()), request)) {
                assertUnknown(thief, victim);
            }
        }
        assertUndisturbed(victim);
    }

    @DisplayName("RES-04: ids and offers that are no ids and offers")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "everwire.v1",
                "everwire.v1, everwire.v1.",
                "everwire.v1, everwire.v1.*",
                "everwire.v1, everwire.v1.__proto__",
                "everwire.v1, everwire.v1.AAAA",
                "everwire.v1, everwire.v1.AQ",
                "everwire.v1, everwire.v1.session:1",
                "everwire.v1, everwire.v1.\u0000",
                "everwire.v1, everwire.v1.\u0430\u0435",
                "everwire.v1, everwire.v1.AQ\n\r*1",
                "everwire.v1, everwire.v1.AQEAAAAAAAAAAQEB, everwire.v1.AQEAAAAAAAAAAQEB"
            })
    void refusesWhatIsNoOffer(String offered) throws IOException {
        EverwireServer server = serve();
        String many = "A".repeat(4_000);
        String longer = offered.contains(",") ? offered + many : offered + ", everwire.v1." + many;
        for (String text : List.of(offered, longer)) {
            try (RawPeer peer = RawPeer.dial(server.port())) {
                peer.write("GET / HTTP/1.1\r\n" + RawPeer.HEADERS + "Sec-WebSocket-Protocol: " + text + "\r\n\r\n");
                assertThat(peer.readAll()).startsWith("HTTP/1.1 400 ");
            }
        }
        assertThat(counts(server).attached()).isZero();
    }

    @DisplayName("RES-03: a flood of bad macs from one address while the victim talks")
    @Test
    void slowsDownWhoeverGuessesAndNobodyElse() throws IOException {
        EverwireServer server = serve();
        SessionPeer victim = victim(server);
        int slowed = 0;
        for (int i = 1; i <= 60; i++) {
            Offer guess = SessionPeer.sign(
                    new Offer.Claim(victim.hello().sid(), 1_000 + i, 0, 1, 1), new byte[32], List.of());
            try (SessionPeer thief = SessionPeer.open(server.port(), guess)) {
                if (i <= 10) {
                    assertUnknown(thief, victim);
                } else {
                    Frame close = thief.readClose();
                    assertThat(close.closeCode()).isEqualTo(4429);
                    assertThat(close.closeReason()).contains("wait 10 s");
                    slowed++;
                }
            }
            assertUndisturbed(victim);
        }
        assertThat(counts(server).badClaims()).isEqualTo(10);
        assertThat(counts(server).refusedForBadClaims()).isEqualTo(slowed);
        // Its owner comes back from elsewhere at once: not the session is slowed down but the address.
        Socket elsewhere = new Socket();
        elsewhere.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.2"), 0));
        elsewhere.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        String request = SessionPeer.request(claim(victim, 1, 0, 1, 61), "/", List.of());
        try (SessionPeer back = SessionPeer.open(new RawPeer(elsewhere, true), request)) {
            assertThat(back.hello().status()).isEqualTo(Control.Status.RESUMED);
        }
    }

    /** Many clients behind one address come back to a server whose store in memory is gone, and its key with it. */
    @Test
    void takesNobodyForAThiefWhoseSessionWasForgotten() throws IOException {
        byte[] key = new byte[SessionStore.SERVER_KEY_BYTES];
        EverwireServer before = opened.serve(EverwireServer.builder()
                .sessions(ResumePolicy.DEFAULT, new MemoryStore(key.clone()))
                .listen("/", listener));
        List<SessionPeer> clients = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            clients.add(opened.add(SessionPeer.begin(before.port())));
        }
        key[0] = 1;
        EverwireServer after = opened.serve(EverwireServer.builder()
                .sessions(ResumePolicy.DEFAULT, new MemoryStore(key))
                .listen("/", new RecordingListener()));
        for (SessionPeer client : clients) {
            try (SessionPeer back = SessionPeer.open(after.port(), claim(client, 1, 0, 1, 1))) {
                assertUnknown(back, client);
            }
        }
        assertThat(counts(after).badClaims()).isZero();
        assertThat(counts(after).refusedForBadClaims()).isZero();
    }

    // ---- numbers and messages that break the protocol ----

    @Test
    void losesASessionWhoseClientClaimsImpossibleNumbers() throws IOException {
        long most = (1L << 53) - 1;
        for (long[] numbers : new long[][] {{1, 1, 1}, {most, 1, 1}, {0, 2, 2}, {0, most, most}, {0, 1, most}}) {
            EverwireServer server = serve();
            try (SessionPeer first = SessionPeer.begin(server.port());
                    SessionPeer liar =
                            SessionPeer.open(server.port(), claim(first, 1, numbers[0], numbers[1], numbers[2]))) {
                boolean isPossible = numbers[0] == 0 && numbers[1] == 1;
                assertThat(liar.hello().status()).isEqualTo(isPossible ? Control.Status.RESUMED : Control.Status.FRESH);
                assertThat(liar.hello().reason()).isEqualTo(isPossible ? null : LossReason.DESYNC);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ack n=1",
                "ack n=-1",
                "ack n=9007199254740991",
                "ack n=9007199254740992",
                "ack n=99999999999999999999",
                "ack n=01",
                "ack n=",
                "ack",
                "ack n=1.0",
                "ping tx=7 n=0 t=1",
                "bye code=1000 rx=5",
                "bye code=1000",
                "hello status=new",
                "nonsense",
                ""
            })
    void failsTheConnectionButNotTheSession(String control) throws IOException {
        EverwireServer server = serve();
        try (SessionPeer peer = SessionPeer.begin(server.port())) {
            listener.await(SessionEvent.Ready.class);
            peer.raw().write(Frame.text("\0" + control));
            boolean isDesync = control.startsWith("ping");
            assertThat(peer.readClose().closeCode()).isEqualTo(4400);
            if (isDesync) {
                listener.await(SessionEvent.SessionLost.class);
            } else {
                listener.await(SessionEvent.Suspended.class);
            }
            try (SessionPeer back = SessionPeer.open(server.port(), claim(peer, 1, 0, 1, 1))) {
                assertThat(back.hello().reason()).isEqualTo(isDesync ? LossReason.DESYNC : null);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "", "\0\0escaped", "\0ask", "\0ping tx=0 n=0 t=0", "\0bye code=1000 rx=0", "\0"})
    void hearsNothingBeforeTheFirstAck(String first) throws IOException {
        EverwireServer server = serve();
        try (SessionPeer peer = SessionPeer.open(server.port(), SessionPeer.newOffer(1))) {
            assertThat(peer.hello().status()).isEqualTo(Control.Status.NEW);
            peer.raw().write(Frame.text(first));
            assertThat(peer.readClose().closeCode()).isEqualTo(4400);
        }
        assertThat(listener.messageCount()).isZero();
    }

    @Test
    void readsControlMessagesOf4096BytesAndNoMore() throws IOException {
        EverwireServer server = serve();
        try (SessionPeer peer = SessionPeer.begin(server.port())) {
            String ask = "\0ask x=";
            peer.raw().write(Frame.text(ask + "y".repeat(4_096 - ask.length())));
            assertThat(peer.next(Control.Ack.class).received()).isZero();
            peer.raw().write(Frame.text(ask + "y".repeat(4_097 - ask.length())));
            assertThat(peer.readClose().closeCode()).isEqualTo(4400);
        }
    }

    @Test
    void takesAndGivesTextsThatBeginWithNul() throws IOException {
        EverwireServer server = serve();
        try (SessionPeer peer = SessionPeer.begin(server.port())) {
            peer.raw().write(Frame.text("\0\0ack n=9"), Frame.text("\0\0"), Frame.text("\0\0\0"));
            peer.raw().write(new Frame(true, Frame.BINARY, "\0ack n=9".getBytes(StandardCharsets.US_ASCII)));
            assertThat(listener.next().text()).isEqualTo("\0ack n=9");
            assertThat(listener.next().text()).isEqualTo("\0");
            assertThat(listener.next().text()).isEqualTo("\0\0");
            assertThat(listener.next().isText()).isFalse();
            listener.await(SessionEvent.Ready.class);
            listener.session().trySend(Message.text("\0bye code=1000 rx=0"));
            assertThat(peer.next()).isEqualTo("\0\0bye code=1000 rx=0");
        }
    }

    @Test
    void refusesMoreThanTheWindowOfAnApplicationThatIsSlow() throws IOException {
        EverwireServer server = serve();
        try (SessionPeer peer = SessionPeer.begin(server.port())) {
            listener.await(SessionEvent.Ready.class);
            listener.session().pause();
            for (int i = 0; i < 1_025; i++) {
                peer.send("x");
            }
            assertThat(peer.readClose().closeCode()).isEqualTo(4413);
            listener.session().resume();
            listener.next(1_024);
        }
    }

    // ---- quotas ----

    @DisplayName("RES-06: sessions of one principal")
    @Test
    void countsTheSessionsOfAPrincipal() throws IOException {
        EverwireServer server = serveByName(SessionQuotas.DEFAULT.withSessionsPerPrincipal(2));
        SessionPeer first = victim(server, "X-Name: ann");
        SessionPeer second = opened.add(SessionPeer.begin(server.port(), "X-Name: ann"));
        try (SessionPeer third = SessionPeer.open(server.port(), SessionPeer.newOffer(1), "X-Name: ann")) {
            assertThat(third.readClose().closeCode()).isEqualTo(4429);
            assertThat(third.readClose().closeReason()).contains("its maximum of 2 sessions");
        }
        Offer forged = SessionPeer.sign(new Offer.Claim(first.hello().sid(), 9, 0, 1, 1), new byte[32], List.of());
        try (SessionPeer fresh = SessionPeer.open(server.port(), forged, "X-Name: ann")) {
            assertThat(fresh.readClose().closeCode())
                    .as("a bad claim is no way around")
                    .isEqualTo(4429);
        }
        opened.add(SessionPeer.begin(server.port(), "X-Name: bob")).hello();
        opened.add(SessionPeer.begin(server.port())).hello();
        try (SessionPeer back = SessionPeer.open(server.port(), claim(first, 1, 0, 1, 1), "X-Name: ann")) {
            assertThat(back.hello().status()).as("what exists goes on").isEqualTo(Control.Status.RESUMED);
        }
        assertThat(counts(server).refusedForPrincipal()).isEqualTo(2);
        second.say(new Control.Bye(1000, 0, ""));
        assertThat(second.readClose().closeCode()).isEqualTo(1000);
        second.cut();
        Patience.until(
                "one has left", () -> counts(server).attached() + counts(server).detached() == 3);
        opened.add(SessionPeer.begin(server.port(), "X-Name: ann")).hello();
    }

    @DisplayName("RES-06: sessions that wait for their clients")
    @Test
    void countsDetachedSessions() throws IOException {
        EverwireServer server = opened.serve(builder().sessionQuotas(SessionQuotas.DEFAULT.withDetachedSessions(2)));
        List<SessionPeer> gone = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            SessionPeer peer = SessionPeer.begin(server.port());
            peer.say(new Control.Ask());
            peer.next(Control.Ack.class);
            peer.cut();
            gone.add(peer);
        }
        Patience.until("both wait", () -> counts(server).detached() == 2);
        assertThat(counts(server).attached()).isZero();
        try (SessionPeer third = SessionPeer.open(server.port(), SessionPeer.newOffer(1))) {
            assertThat(third.readClose().closeCode()).isEqualTo(4429);
            assertThat(third.readClose().closeReason()).contains("wait for their clients");
        }
        assertThat(counts(server).refusedForDetached()).isEqualTo(1);
        opened.add(SessionPeer.open(server.port(), claim(gone.get(0), 1, 0, 1, 1)))
                .ack(0);
        Patience.until("one is back", () -> counts(server).detached() == 1);
        opened.add(SessionPeer.begin(server.port())).hello();
    }

    @DisplayName("RES-06: bytes kept for clients that do not acknowledge")
    @Test
    void countsTheBytesOfReplay() throws IOException {
        EverwireServer server = opened.serve(builder().sessionQuotas(SessionQuotas.DEFAULT.withReplayBytes(1_000)));
        SessionPeer slow = victim(server);
        for (int i = 0; i < 10; i++) {
            listener.session().trySend(Message.binary(new byte[136]));
        }
        Patience.until("the budget is spent", () -> counts(server).replayBytes() == 1_000);
        assertThat(listener.session().queuedBytes()).as("the rest waits").isEqualTo(1_000);
        try (SessionPeer next = SessionPeer.open(server.port(), SessionPeer.newOffer(1))) {
            assertThat(next.readClose().closeCode()).isEqualTo(4429);
        }
        assertThat(counts(server).refusedForReplay()).isEqualTo(1);
        slow.ack(5);
        Patience.until("the rest has left", () -> listener.session().queuedBytes() == 0);
        slow.ack(10);
        Patience.until("nothing is kept", () -> counts(server).replayBytes() == 0);
        assertThat(listener.session().state()).isEqualTo(SessionState.OPEN);
    }

    @DisplayName("RES-06: a client that is away and is sent more than its window")
    @Test
    void endsASessionThatOverruns() throws IOException {
        EverwireServer server = opened.serve(builder());
        AtomicInteger sent = new AtomicInteger();
        SessionPeer gone = victim(server);
        gone.cut();
        listener.await(SessionEvent.Suspended.class);
        // Its queue is shorter than its window, and passes on what it holds in its own time.
        Patience.until("more than the window was taken", () -> {
            while (listener.session().trySend(Message.text("x"))) {
                sent.incrementAndGet();
            }
            return sent.get() > 1_024;
        });
        SessionEvent.SessionLost lost = listener.await(SessionEvent.SessionLost.class);
        assertThat(lost.loss().reason()).isEqualTo(LossReason.OVERRUN);
        assertThat(lost.loss().undelivered()).isEqualTo(1_024);
        listener.await(SessionEvent.Closed.class);
        try (SessionPeer back = SessionPeer.open(server.port(), claim(gone, 1, 0, 1, 1))) {
            assertThat(back.hello().reason()).isEqualTo(LossReason.OVERRUN);
        }
        assertThat(counts(server).replayBytes()).isZero();
    }
}
