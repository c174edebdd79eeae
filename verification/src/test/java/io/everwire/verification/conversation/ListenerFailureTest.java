package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseCode;
import io.everwire.Delivery;
import io.everwire.Limits;
import io.everwire.Message;
import io.everwire.MessageView;
import io.everwire.ReconnectPolicy;
import io.everwire.RequestSupplier;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Application code that throws: told, and nobody else's misfortune. */
class ListenerFailureTest {
    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener events = new RecordingListener();

    /** What a callback throws. */
    enum Thrown {
        EXCEPTION,
        ERROR;

        void raise() {
            if (this == EXCEPTION) {
                throw new IllegalStateException("the application is wrong");
            }
            throw new AssertionError("the application is wrong");
        }
    }

    /** Throws when it is told "throw"; otherwise echoes. */
    private class Throwing extends RecordingListener {
        private final Thrown thrown;

        Throwing(Thrown thrown) {
            this.thrown = thrown;
        }

        @Override
        public void onMessage(Session session, Message message) {
            if (message.text().equals("throw")) {
                thrown.raise();
            }
            super.onMessage(session, message);
            session.trySend(message);
        }

        @Override
        public void onEvent(Session session, SessionEvent event) {
            events.onEvent(session, event);
            super.onEvent(session, event);
        }
    }

    @DisplayName("EXC-01: onMessage throws")
    @ParameterizedTest
    @EnumSource
    void closesOnlyTheServersSessionWhoseOnMessageThrows(Thrown thrown) throws Exception {
        EverwireServer server = opened.serve(new Throwing(thrown));
        try (RawPeer unlucky = RawPeer.open(server.port());
                RawPeer other = RawPeer.open(server.port())) {
            unlucky.write(Frame.text("fine"), Frame.text("throw"));

            assertThat(unlucky.read(Frame.TEXT).text()).isEqualTo("fine");
            assertThat(unlucky.read(Frame.CLOSE).closeCode()).isEqualTo(CloseCode.INTERNAL_ERROR);
            SessionEvent.ListenerFailed failed = events.await(SessionEvent.ListenerFailed.class);
            assertThat(failed.callback()).isEqualTo("onView");
            assertThat(failed.error()).hasMessage("the application is wrong");
            other.write(Frame.text("unaffected"));
            assertThat(other.read(Frame.TEXT).text()).isEqualTo("unaffected");
        }
    }

    @ParameterizedTest
    @EnumSource
    void goesOnWithTheNextMessageOnAClient(Thrown thrown) {
        RecordingListener server = new RecordingListener();
        Throwing client = new Throwing(thrown);
        Session session = opened.connect(opened.serve(server), client);
        server.session().send("throw");
        server.session().send("next");

        assertThat(client.next().text()).isEqualTo("next");
        assertThat(events.await(SessionEvent.ListenerFailed.class).callback()).isEqualTo("onView");
        assertThat(Patience.of(session.send("still here"))).isEqualTo(Delivery.CONFIRMED);
        assertThat(session.epoch()).isEqualTo(1);
        assertThat(session.explain()).contains("ListenerFailed").contains("the application is wrong");
    }

    @DisplayName("EXC-01: onView throws")
    @ParameterizedTest
    @EnumSource
    void reportsOnViewToo(Thrown thrown) throws Exception {
        EverwireServer server = opened.serve(new RecordingListener() {
            @Override
            public void onView(Session session, MessageView view) {
                thrown.raise();
            }

            @Override
            public void onEvent(Session session, SessionEvent event) {
                events.onEvent(session, event);
            }
        });
        try (RawPeer peer = RawPeer.open(server.port())) {
            peer.write(Frame.text("hello"));
            assertThat(peer.read(Frame.CLOSE).closeCode()).isEqualTo(CloseCode.INTERNAL_ERROR);
        }
        assertThat(events.await(SessionEvent.ListenerFailed.class).callback()).isEqualTo("onView");
    }

    @DisplayName("EXC-01: onWritable throws")
    @ParameterizedTest
    @EnumSource
    void reportsOnWritable(Thrown thrown) {
        RecordingListener client = new RecordingListener() {
            @Override
            public void onWritable(Session session) {
                thrown.raise();
            }
        };
        PendingRequest pending = new PendingRequest();
        Session session = opened.connect(pending.client().limits(Limits.DEFAULT.withQueue(10_000, 2)), client);
        for (int i = 0; i < 3; i++) {
            session.trySend(Message.text("full"));
        }
        pending.supply(opened.serve(events).port());

        assertThat(client.await(SessionEvent.ListenerFailed.class).callback()).isEqualTo("onWritable");
        assertThat(Patience.of(session.send("still here"))).isEqualTo(Delivery.CONFIRMED);
    }

    @DisplayName("EXC-01: onEvent throws")
    @ParameterizedTest
    @EnumSource
    void closesAServersSessionWhoseOnEventThrowsAndRemembersWhy(Thrown thrown) throws Exception {
        RecordingListener recorder = new RecordingListener();
        EverwireServer server = opened.serve(new RecordingListener() {
            @Override
            public void onEvent(Session session, SessionEvent event) {
                recorder.onEvent(session, event);
                if (event instanceof SessionEvent.Ready) {
                    thrown.raise();
                }
            }
        });
        try (RawPeer peer = RawPeer.open(server.port())) {
            assertThat(peer.read(Frame.CLOSE).closeCode()).isEqualTo(CloseCode.INTERNAL_ERROR);
        }
        recorder.await(SessionEvent.Closed.class);
        assertThat(recorder.session().explain()).contains("ListenerFailed").contains("onEvent");
    }

    @DisplayName("EXC-01: onClosed throws")
    @ParameterizedTest
    @EnumSource
    void completesTheEndThoughOnClosedThrows(Thrown thrown) {
        Session session = opened.connect(opened.serve(events), new RecordingListener() {
            @Override
            public void onClosed(Session session, SessionEvent.Closed closed) {
                thrown.raise();
            }
        });
        session.close();

        assertThat(Patience.of(session.closed()).status().code()).isEqualTo(CloseCode.NORMAL);
    }

    @DisplayName("EXC-01: making a listener throws")
    @Test
    void answersAnInternalErrorWhenTheListenerCannotBeMade() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .listen(
                        "/",
                        handshake -> {
                            throw new IllegalStateException("no such tenant");
                        },
                        null));
        for (int i = 0; i < 3; i++) {
            try (RawPeer peer = RawPeer.dial(server.port())) {
                peer.write(RawPeer.REQUEST);
                assertThat(peer.readAll()).startsWith("HTTP/1.1 500 ").doesNotContain("tenant");
            }
        }
        assertThat(server.sessions()).isEmpty();
    }

    /** How a supplier may get it wrong. */
    @DisplayName("EXC-01: a request supplier throws")
    @ParameterizedTest
    @ValueSource(strings = {"throws", "error", "no stage", "no request", "failed stage"})
    void countsASupplierThatFailsAsAFailedAttempt(String how) {
        Session session = opened.connect(
                EverwireClient.to(io.everwire.ConnectRequest.to("ws://127.0.0.1:1/"), wrong(how))
                        .reconnect(ReconnectPolicy.DEFAULT),
                events);

        assertThat(events.await(SessionEvent.Waiting.class, 2))
                .allSatisfy(wait -> assertThat(wait.failure().kind()).isEqualTo(io.everwire.Failure.Kind.CREDENTIALS));
        session.close();
        Patience.of(session.closed());
    }

    @SuppressWarnings("NullAway") // What an application without NullAway may do.
    private static RequestSupplier wrong(String how) {
        return attempt -> switch (how) {
            case "throws" -> throw new IllegalStateException("no token");
            case "error" -> throw new AssertionError("no token");
            case "no stage" -> null;
            case "no request" -> CompletableFuture.completedFuture(null);
            default -> CompletableFuture.failedFuture(new IllegalStateException("no token"));
        };
    }
}
