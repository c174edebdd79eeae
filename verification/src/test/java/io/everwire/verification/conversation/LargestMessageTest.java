package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Delivery;
import io.everwire.Limits;
import io.everwire.Message;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.Offer;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How large a message of a session may be: whoever sends it knows, and whoever receives it takes that much. */
class LargestMessageTest {
    private static final int LIMIT = 64 << 10;

    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener server = new RecordingListener();
    private final RecordingListener client = new RecordingListener();

    private EverwireServer serve(Limits limits) {
        return opened.serve(EverwireServer.builder()
                .limits(limits)
                .sessions(ResumePolicy.DEFAULT)
                .listen("/", server));
    }

    private Session connect(EverwireServer target, Limits limits) {
        Session session = opened.connect(
                EverwireClient.to(Opened.url(target.port())).limits(limits).sessions(), client);
        client.await(SessionEvent.Ready.class);
        server.await(SessionEvent.Ready.class);
        return session;
    }

    private static String text(char first, int length) {
        return first + "x".repeat(length - 1);
    }

    private static void assertRefused(Delivery delivery, int bytes, int largest) {
        assertThat(delivery.outcome()).isEqualTo(Delivery.Outcome.NOT_SENT);
        assertThat(delivery.reason()).contains(bytes + " bytes", "takes " + largest, "send it in parts");
    }

    @Test
    void isKnownToAServerWhoseClientTakesLess() {
        connect(serve(Limits.DEFAULT), Limits.DEFAULT.withMessageBytes(LIMIT));
        Session down = server.session();
        assertRefused(Patience.of(down.send(text('a', LIMIT + 1))), LIMIT + 1, LIMIT);
        assertThat(Patience.of(down.send(text('a', LIMIT)))).isEqualTo(Delivery.CONFIRMED);
        assertThat(client.all(SessionEvent.Suspended.class)).isEmpty();
    }

    @Test
    void isIndependentOfTheWindow() {
        connect(serve(Limits.DEFAULT), Limits.DEFAULT.withMessageBytes(10));
        Session down = server.session();
        assertThat(Patience.of(down.send(text('\0', 10)))).isEqualTo(Delivery.CONFIRMED);
        assertRefused(Patience.of(down.send(text('a', 11))), 11, 10);
        assertThat(client.all(SessionEvent.Suspended.class)).isEmpty();
    }

    @Test
    void isOneByteLongerOnTheWireWhenItBeginsWithNul() {
        EverwireServer target = serve(Limits.DEFAULT.withMessageBytes(LIMIT));
        Session up = connect(target, Limits.DEFAULT);
        assertThat(Patience.of(up.send(text('\0', LIMIT)))).isEqualTo(Delivery.CONFIRMED);
        assertThat(server.texts()).containsExactly(text('\0', LIMIT));
        assertThat(client.all(SessionEvent.Suspended.class)).isEmpty();
    }

    @Test
    void isOneByteLongerOnTheWireToAClientThatTakesExactlyThat() {
        connect(serve(Limits.DEFAULT), Limits.DEFAULT.withMessageBytes(LIMIT));
        assertThat(Patience.of(server.session().send(text('\0', LIMIT)))).isEqualTo(Delivery.CONFIRMED);
        assertThat(client.texts()).containsExactly(text('\0', LIMIT));
        assertThat(client.all(SessionEvent.Suspended.class)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(chars = {'a', '\0'})
    void isNotExceeded(char first) throws IOException {
        EverwireServer target = serve(Limits.DEFAULT.withMessageBytes(LIMIT));
        try (SessionPeer peer = SessionPeer.begin(target.port())) {
            assertThat(peer.hello().maxBytes()).isEqualTo(LIMIT);
            peer.send((first == '\0' ? "\0" : "") + text(first, LIMIT + 1));
            assertThat(peer.readClose().closeCode()).isEqualTo(1009);
        }
        assertThat(server.texts()).isEmpty();
    }

    /** What a client offers to take is no promise that a server keeps so much for it. */
    @Test
    void isTheServersOwnWindowForAClientThatOffersMore() throws IOException {
        EverwireServer target = opened.serve(EverwireServer.builder()
                .limits(Limits.DEFAULT.withMessageBytes(8 << 20).withQueue(8 << 20, 10_000))
                .sessions(ResumePolicy.DEFAULT.withWindow(LIMIT, 100))
                .listen("/", server));
        Offer greedy = new Offer(0, 1, 1 << 20, 1 << 20, null);
        try (SessionPeer peer =
                SessionPeer.open(RawPeer.dial(target.port()), SessionPeer.request(greedy, "/", List.of()))) {
            peer.ack(0);
            server.await(SessionEvent.Ready.class);
            Session down = server.session();
            assertRefused(Patience.of(down.send(text('a', LIMIT))), LIMIT, LIMIT - 64);
            for (int i = 0; i < 1_000; i++) {
                down.trySend(Message.text(text('a', 936)));
            }
            assertThat(peer.next(60)).hasSize(60);
            peer.say(new Control.Ask());
            peer.next(Control.Ack.class);
            assertThat(Objects.requireNonNull(target.sessionCounts()).replayBytes())
                    .isLessThanOrEqualTo(LIMIT);
        }
    }
}
