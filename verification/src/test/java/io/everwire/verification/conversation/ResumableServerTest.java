package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseStatus;
import io.everwire.LossReason;
import io.everwire.Message;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.SessionState;
import io.everwire.server.Authentication;
import io.everwire.server.EverwireServer;
import io.everwire.server.Group;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.Offer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A server whose sessions outlive their connections. */
class ResumableServerTest {
    @AutoClose
    private final Opened opened = new Opened();

    private final AtomicInteger prepared = new AtomicInteger();
    private final RecordingListener listener = new RecordingListener() {
        @Override
        public CompletionStage<?> onReady(Session session, DirectSender direct) {
            prepared.incrementAndGet();
            return super.onReady(session, direct);
        }
    };

    private static EverwireServer.Builder builder(SessionListener listener, String... subprotocols) {
        return EverwireServer.builder().sessions(ResumePolicy.DEFAULT).listen("/", listener, subprotocols);
    }

    private EverwireServer serve() {
        return opened.serve(builder(listener));
    }

    private static Offer claim(SessionPeer of, long attempt, long received, long first, long next) {
        return SessionPeer.claim(of.hello(), of.secret(), attempt, received, first, next);
    }

    // ---- opening ----

    @Test
    void selectsEverwireAndNamesTheApplicationsChoiceInHello() throws IOException {
        EverwireServer server = opened.serve(builder(listener, "chat"));
        String request = SessionPeer.request(SessionPeer.newOffer(7), "/", List.of("news", "chat"));
        try (SessionPeer peer = SessionPeer.open(RawPeer.dial(server.port()), request)) {
            assertThat(peer.head()).containsIgnoringCase("sec-websocket-protocol: everwire.v1\r\n");
            assertThat(peer.hello().protocol()).isEqualTo("chat");
            assertThat(peer.hello().nonce()).isEqualTo(7);
            assertThat(peer.hello().status()).isEqualTo(Control.Status.NEW);
            SessionEvent.Open open = listener.await(SessionEvent.Open.class);
            assertThat(open.handshake().subprotocol()).isEqualTo("chat");
            assertThat(listener.session().isResumable()).isTrue();
            assertThat(listener.session().sessionId())
                    .isEqualTo(peer.hello().sid().toString());
        }
    }

    @Test
    void showsTheApplicationOnlyWhatTheClientsApplicationOffers() throws IOException {
        Set<List<String>> shown = ConcurrentHashMap.newKeySet();
        EverwireServer server = opened.serve(builder(listener).subprotocols((offered, handshake) -> {
            shown.add(offered);
            return null;
        }));
        String request = SessionPeer.request(SessionPeer.newOffer(7), "/", List.of("chat"));
        try (SessionPeer peer = SessionPeer.open(RawPeer.dial(server.port()), request)) {
            assertThat(peer.hello().protocol()).isNull();
            assertThat(shown).containsExactly(List.of("chat"));
        }
    }

    /** A claim is worth something until it was used: it is for nobody's eyes, also on a server that has no sessions. */
    @Test
    void showsASessionEveryHeaderOfItsRequestButWhatClaimsIt() throws IOException {
        int openings = 0;
        for (EverwireServer server : List.of(
                opened.serve(builder(listener)),
                opened.serve(EverwireServer.builder().listen("/", listener)))) {
            String request = SessionPeer.request(
                    SessionPeer.newOffer(7), "/", List.of("news", "chat"), "X-One: 1", "Cookie: a=b", "X-One: 2");
            try (RawPeer peer = RawPeer.dial(server.port())) {
                peer.write(request);
                assertThat(peer.readHead()).startsWith("HTTP/1.1 101 ");
                openings++;
                SessionEvent.Open open =
                        listener.await(SessionEvent.Open.class, openings).get(openings - 1);
                assertThat(open.handshake().headers())
                        .containsEntry("x-one", List.of("1", "2"))
                        .containsEntry("cookie", List.of("a=b"))
                        .containsEntry("host", List.of("127.0.0.1"))
                        .containsEntry("sec-websocket-version", List.of("13"))
                        .containsEntry("sec-websocket-protocol", List.of("news, chat"));
                assertThat(open.handshake().headers().toString()).doesNotContain("everwire.v1");
            }
        }
    }

    @Test
    void leavesAClientWithoutAnOfferAsItIs() throws IOException {
        EverwireServer server = serve();
        try (RawPeer peer = RawPeer.open(server.port())) {
            peer.write(Frame.text("\0plain"));
            assertThat(listener.next().text()).isEqualTo("\0plain");
            assertThat(listener.session().isResumable()).isFalse();
        }
        listener.await(SessionEvent.Closed.class);
    }

    @Test
    void leavesAnOfferToItselfWithoutSessions() throws IOException {
        EverwireServer server = opened.serve(EverwireServer.builder().listen("/", listener, "chat"));
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(SessionPeer.request(SessionPeer.newOffer(7), "/", List.of("chat")));
            assertThat(peer.readHead()).containsIgnoringCase("sec-websocket-protocol: chat\r\n");
        }
        assertThat(server.sessionCounts()).isNull();
    }

    @Test
    void refusesAMalformedOfferWithASentence() throws IOException {
        EverwireServer server = serve();
        try (RawPeer peer = RawPeer.dial(server.port())) {
            String request = SessionPeer.request(SessionPeer.newOffer(7), "/", List.of());
            peer.write(request.replace("everwire.v1.A", "everwire.v1._"));
            assertThat(peer.readAll()).startsWith("HTTP/1.1 400 ").contains("the offer has version");
        }
    }

    @DisplayName("RES-02: who is let in no more is let in to no session, and can be hung up on")
    @Test
    void asksTheAuthenticatorOnEveryUpgrade() throws IOException {
        AtomicBoolean isRevoked = new AtomicBoolean();
        EverwireServer server = opened.serve(builder(listener)
                .authenticate(handshake -> (isRevoked.get()
                                ? Authentication.unauthorized("Bearer")
                                : Authentication.granted(() -> "ann"))
                        .now()));
        try (SessionPeer first = SessionPeer.begin(server.port())) {
            first.cut();
            listener.await(SessionEvent.Suspended.class);
            isRevoked.set(true);
            try (SessionPeer second = SessionPeer.open(server.port(), claim(first, 1, 0, 1, 1))) {
                assertThat(second.head()).startsWith("HTTP/1.1 401 ");
            }
            assertThat(listener.session().state()).isEqualTo(SessionState.SUSPENDED);
            isRevoked.set(false);
            try (SessionPeer third = SessionPeer.open(server.port(), claim(first, 2, 0, 1, 1))) {
                third.ack(0);
                listener.session().close(new CloseStatus(4401, "revoked"));
                assertThat(third.next(Control.Bye.class).code()).isEqualTo(4401);
            }
        }
    }

    // ---- resuming ----

    @Test
    void goesOnWhereItWasWithoutPreparing() throws IOException {
        EverwireServer server = serve();
        try (SessionPeer first = SessionPeer.begin(server.port())) {
            listener.await(SessionEvent.Ready.class);
            first.send("one", "two");
            assertThat(listener.next(2)).containsExactly("one", "two");
            listener.session().trySend(Message.text("a"));
            assertThat(first.next()).isEqualTo("a");
            first.cut();
            listener.await(SessionEvent.Suspended.class);
            listener.session().trySend(Message.text("b"));
            Patience.until("the session has taken it", () -> listener.session().queuedBytes() == 0);
            try (SessionPeer second = SessionPeer.open(server.port(), claim(first, 1, 1, 1, 4))) {
                assertThat(second.hello().status()).isEqualTo(Control.Status.RESUMED);
                assertThat(second.hello().received()).isEqualTo(2);
                assertThat(second.next()).isEqualTo("b");
                second.ack(2);
                second.send("three");
                assertThat(listener.next().text()).isEqualTo("three");
            }
        }
        SessionEvent.Resumed resumed = listener.await(SessionEvent.Resumed.class);
        assertThat(resumed.epoch()).isEqualTo(2);
        assertThat(resumed.replayedIn()).isEqualTo(1);
        assertThat(resumed.replayedOut()).isEqualTo(1);
        assertThat(prepared).hasValue(1);
        assertThat(listener.all(SessionEvent.Open.class)).hasSize(1);
        assertThat(listener.all(SessionEvent.Ready.class)).hasSize(1);
        assertThat(server.sessions()).hasSize(1);
    }

    /** The client says nothing behind its request, and reads only when all of it is there. */
    @Test
    void sendsHelloAndReplayAlongWithThe101() throws IOException {
        EverwireServer server = serve();
        try (SessionPeer first = SessionPeer.begin(server.port())) {
            listener.await(SessionEvent.Ready.class);
            first.cut();
            listener.await(SessionEvent.Suspended.class);
            for (int i = 0; i < 50; i++) {
                listener.session().trySend(Message.text("message " + i));
            }
            Patience.until("they are the session's", () -> listener.session().queuedBytes() == 0);
            try (RawPeer raw = RawPeer.dial(server.port())) {
                raw.write(SessionPeer.request(claim(first, 1, 0, 1, 1), "/", List.of()));
                Patience.until(
                        "something has come",
                        () -> raw.socket().getInputStream().available() > 0);
                byte[] bytes = new byte[65_536];
                int length = raw.socket().getInputStream().read(bytes);
                String flush = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
                assertThat(flush)
                        .startsWith("HTTP/1.1 101 ")
                        .containsSubsequence("\r\n\r\n", "\0hello status=resumed", "message 0", "message 49");
            }
        }
    }

    @Test
    void takesASessionFromAConnectionThatNobodyHasNoticedDead() throws IOException {
        EverwireServer server = serve();
        try (SessionPeer first = SessionPeer.begin(server.port())) {
            for (int attempt = 1; attempt <= 20; attempt++) {
                try (SessionPeer next = SessionPeer.open(server.port(), claim(first, attempt, 0, 1, attempt))) {
                    assertThat(next.hello().received()).isEqualTo(attempt - 1);
                    next.ack(0);
                    next.send("message " + attempt);
                    assertThat(listener.next().text()).isEqualTo("message " + attempt);
                }
            }
            assertThat(first.readClose().closeCode()).isEqualTo(4408);
        }
        assertThat(server.sessions()).hasSize(1);
        assertThat(server.sessionCounts()).isNotNull();
    }

    @Test
    void changesNothingForAnOlderAttempt() throws IOException {
        EverwireServer server = serve();
        try (SessionPeer first = SessionPeer.begin(server.port());
                SessionPeer second = SessionPeer.open(server.port(), claim(first, 5, 0, 1, 1))) {
            second.ack(0);
            for (long attempt : new long[] {4, 5}) {
                try (SessionPeer late = SessionPeer.open(server.port(), claim(first, attempt, 0, 1, 1))) {
                    assertThat(late.readClose().closeCode()).isEqualTo(4409);
                }
            }
            second.send("undisturbed");
            assertThat(listener.next().text()).isEqualTo("undisturbed");
        }
    }

    @Test
    void beginsAnewWhenTheSessionHasEnded() throws IOException {
        EverwireServer server = serve();
        try (SessionPeer first = SessionPeer.begin(server.port())) {
            first.send("one");
            listener.next();
            first.cut();
            listener.await(SessionEvent.Suspended.class);
            listener.session().close();
            listener.await(SessionEvent.Closed.class);
            try (SessionPeer second = SessionPeer.open(server.port(), claim(first, 1, 0, 1, 2))) {
                assertThat(second.hello().status()).isEqualTo(Control.Status.FRESH);
                assertThat(second.hello().reason()).isEqualTo(LossReason.ENDED);
                assertThat(second.hello().peerReceived()).isEqualTo(1);
                assertThat(second.hello().sid()).isNotEqualTo(first.hello().sid());
            }
        }
    }

    // ---- ending ----

    @Test
    void endsWithTheClientsBye() throws IOException {
        EverwireServer server = serve();
        try (SessionPeer peer = SessionPeer.begin(server.port())) {
            listener.await(SessionEvent.Ready.class);
            CompletionStage<?> sent = listener.session().send("in doubt");
            assertThat(peer.next()).isEqualTo("in doubt");
            peer.say(new Control.Bye(1000, 1, ""));
            assertThat(peer.next(Control.Bye.class).received()).isZero();
            assertThat(peer.readClose().closeCode()).isEqualTo(1000);
            peer.raw().write(Frame.close(1000, ""));
            peer.cut();
            SessionEvent.Closed closed = listener.await(SessionEvent.Closed.class);
            assertThat(closed.isClean()).isTrue();
            assertThat(closed.status().code()).isEqualTo(1000);
            assertThat(Patience.of(sent)).hasToString("CONFIRMED");
            assertThat(listener.all(SessionEvent.SessionLost.class)).isEmpty();
        }
        Patience.until("nobody is left", () -> server.sessions().isEmpty());
    }

    @Test
    void saysByeBehindWhatIsQueued() throws IOException {
        EverwireServer server = serve();
        try (SessionPeer peer = SessionPeer.begin(server.port())) {
            listener.await(SessionEvent.Ready.class);
            listener.session().trySend(Message.text("last"));
            listener.session().close(new CloseStatus(4000, "enough"));
            assertThat(peer.next()).isEqualTo("last");
            Control.Bye bye = peer.next(Control.Bye.class);
            assertThat(bye.code()).isEqualTo(4000);
            assertThat(bye.reason()).isEqualTo("enough");
            peer.say(new Control.Bye(4000, 1, ""));
            assertThat(peer.readClose().closeCode()).isEqualTo(4000);
            peer.raw().write(Frame.close(4000, ""));
            peer.cut();
            SessionEvent.Closed closed = listener.await(SessionEvent.Closed.class);
            assertThat(closed.isClean()).isTrue();
            assertThat(closed.status()).isEqualTo(new CloseStatus(4000, "enough"));
        }
    }

    @Test
    void suspendsOnACloseWithoutBye() throws IOException {
        EverwireServer server = serve();
        try (SessionPeer first = SessionPeer.begin(server.port())) {
            first.raw().write(Frame.close(1000, ""));
            assertThat(first.readClose().closeCode()).isEqualTo(1000);
            first.cut();
            listener.await(SessionEvent.Suspended.class);
            try (SessionPeer second = SessionPeer.open(server.port(), claim(first, 1, 0, 1, 1))) {
                assertThat(second.hello().status()).isEqualTo(Control.Status.RESUMED);
            }
        }
    }

    @Test
    void suspendsEverySessionWhenItDrains() throws Exception {
        EverwireServer server = serve();
        try (SessionPeer peer = SessionPeer.begin(server.port())) {
            listener.await(SessionEvent.Ready.class);
            CompletionStage<Void> drained = server.drain(Duration.ofMillis(1));
            Frame next = peer.raw().read();
            for (; next.opcode() != Frame.CLOSE; next = peer.raw().read()) {
                assertThat(SessionPeer.control(next) instanceof Control.Bye)
                        .as("a bye")
                        .isFalse();
            }
            assertThat(next.closeCode()).isEqualTo(1012);
            peer.raw().write(Frame.close(1012, ""));
            Patience.of(drained);
            listener.await(SessionEvent.Suspended.class);
            SessionEvent.SessionLost lost = listener.await(SessionEvent.SessionLost.class);
            assertThat(lost.loss().reason()).isEqualTo(LossReason.ENDED);
            assertThat(listener.await(SessionEvent.Closed.class).status().code())
                    .isEqualTo(1012);
        }
    }

    @DisplayName("RES-07: a secret or a mac in a log, an event or an exception")
    @Test
    void tellsNobodyTheSecretOrTheMac() throws IOException {
        EverwireServer server = serve();
        try (Logged log = Logged.listen();
                SessionPeer first = SessionPeer.begin(server.port())) {
            Offer again = claim(first, 1, 0, 1, 1);
            Offer forged = SessionPeer.sign(new Offer.Claim(first.hello().sid(), 9, 0, 1, 1), new byte[32], List.of());
            try (SessionPeer second = SessionPeer.open(server.port(), again);
                    SessionPeer thief = SessionPeer.open(server.port(), forged)) {
                second.ack(0);
                assertThat(thief.hello().reason()).isEqualTo(LossReason.UNKNOWN);
                listener.await(SessionEvent.Resumed.class);
                String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(first.secret());
                String mac = again.token().substring(again.token().length() - 20);
                String everything = log.lines() + "" + listener.events()
                        + listener.session()
                        + listener.session().explain()
                        + listener.session().handshake()
                        + server.sessionCounts()
                        + first.hello()
                        + again;
                assertThat(everything).doesNotContain(secret, mac);
                assertThat(everything).as("the search finds what is there").contains("status=new", "Resumed");
            }
        }
    }

    // ---- what the application does ----

    @Test
    void countsAMessageWhoseListenerThrowsAsHandled() throws IOException {
        RecordingListener throwing = new RecordingListener() {
            @Override
            public void onMessage(Session session, Message message) {
                super.onMessage(session, message);
                if (message.text().equals("poison")) {
                    throw new IllegalStateException("cannot take it");
                }
            }
        };
        EverwireServer server = opened.serve(builder(throwing));
        try (SessionPeer peer = SessionPeer.begin(server.port())) {
            peer.send("poison", "good");
            assertThat(throwing.next(2)).containsExactly("poison", "good");
            SessionEvent.ListenerFailed failed = throwing.await(SessionEvent.ListenerFailed.class);
            assertThat(failed.error()).hasMessage("cannot take it");
            peer.say(new Control.Ask());
            assertThat(peer.next(Control.Ack.class).received()).isEqualTo(2);
            assertThat(throwing.session().state()).isEqualTo(SessionState.OPEN);
        }
    }

    @Test
    void endsASessionWhoseOnReadyFails() throws IOException {
        RecordingListener unready = new RecordingListener() {
            @Override
            public CompletionStage<?> onReady(Session session, DirectSender direct) {
                throw new IllegalStateException("no database");
            }
        };
        EverwireServer server = opened.serve(builder(unready));
        try (SessionPeer peer = SessionPeer.begin(server.port())) {
            assertThat(peer.next(Control.Bye.class).code()).isEqualTo(1011);
            peer.say(new Control.Bye(1011, 0, ""));
            peer.raw().write(Frame.close(1011, ""));
            peer.cut();
            assertThat(unready.await(SessionEvent.Closed.class).status().code()).isEqualTo(1011);
        }
    }

    @Test
    void broadcastsToPlainAndResumableClientsAndEscapesForTheLatterAlone() throws IOException {
        Group group = new Group();
        RecordingListener joining = new RecordingListener() {
            @Override
            public void onEvent(Session session, SessionEvent event) {
                if (event instanceof SessionEvent.Ready) {
                    group.add(session);
                }
                super.onEvent(session, event);
            }
        };
        EverwireServer server = opened.serve(builder(joining));
        try (SessionPeer resumable = SessionPeer.begin(server.port());
                RawPeer plain = RawPeer.open(server.port())) {
            Patience.until("both are members", () -> group.size() == 2);
            List<String> news = List.of("short", "\0ack n=9", "", "\0", "long ".repeat(10_000), "last");
            for (String text : news) {
                assertThat(group.broadcast(text)).isEqualTo(2);
            }
            for (String text : news) {
                assertThat(SessionPeer.whole(plain)).isEqualTo(text);
                assertThat(SessionPeer.whole(resumable.raw())).isEqualTo(text.startsWith("\0") ? "\0" + text : text);
            }
            resumable.ack(news.size());
            resumable.say(new Control.Ask());
            assertThat(resumable.next(Control.Ack.class).received()).isZero();
        }
    }
}
