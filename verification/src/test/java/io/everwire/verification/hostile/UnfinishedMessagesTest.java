package io.everwire.verification.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseCode;
import io.everwire.Delivery;
import io.everwire.Failure;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.LivenessReport;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.verification.conversation.Frame;
import io.everwire.verification.conversation.Leaks;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RawPeer;
import io.everwire.verification.conversation.RawServer;
import io.everwire.verification.conversation.RecordingListener;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages that begin and never end, from peers that live otherwise. */
class UnfinishedMessagesTest {
    private static final Limits HASTY = Limits.DEFAULT.withMessageTimeout(Duration.ofMillis(300));
    private static final LivenessPolicy LIVELY =
            LivenessPolicy.DEFAULT.withPing(Duration.ofMillis(200), Duration.ofSeconds(10));

    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener listener = new RecordingListener();

    /** Begins a message; then, whenever it is pinged, answers and pings: the peer lives, the message does not. */
    private static Frame beginAndLive(RawPeer peer, Frame begin) throws IOException {
        peer.write(begin);
        Frame frame = peer.read();
        while (frame.opcode() != Frame.CLOSE) {
            if (frame.opcode() == Frame.PING) {
                peer.write(Frame.pongTo(frame), Frame.ping("and you?"));
            }
            frame = peer.read();
        }
        return frame;
    }

    @DisplayName("FRAG-03: a message that begins and never ends")
    @ParameterizedTest
    @EnumSource
    void failsAMessageThatStandsStillThoughPingsAreAnswered(Victim victim) throws Exception {
        Victim.Attack attack = peer -> peer.write(Frame.part(false, Frame.TEXT, "to be contin"));
        assertThat(victim.closeCodeAfter(attack, opened, HASTY)).isEqualTo(CloseCode.POLICY_VIOLATION);
        Leaks.assertNoneAfterCollection();
    }

    @DisplayName("FRAG-03: a frame that stops in the middle")
    @ParameterizedTest
    @EnumSource
    void failsAFrameThatStopsInTheMiddle(Victim victim) throws Exception {
        Victim.Attack attack = peer -> peer.write(Arrays.copyOf(peer.bytes(Frame.binary(100_000)), 50_000));
        assertThat(victim.closeCodeAfter(attack, opened, HASTY)).isEqualTo(CloseCode.POLICY_VIOLATION);
        Leaks.assertNoneAfterCollection();
    }

    @DisplayName("FRAG-03: pings of the peer instead of the rest")
    @Test
    void takesNoPingForProgressAndSaysWhatToDo() throws Exception {
        EverwireServer server = opened.serve(
                EverwireServer.builder().limits(HASTY).liveness(LIVELY).listen("/", listener));
        try (RawPeer peer = RawPeer.open(server.port())) {
            Frame close = beginAndLive(peer, Frame.part(false, Frame.BINARY, "1"));

            assertThat(close.closeCode()).isEqualTo(CloseCode.POLICY_VIOLATION);
            assertThat(close.closeReason())
                    .contains("no byte of an unfinished message for ")
                    .contains("limit 300 ms")
                    .contains("Limits.messageTimeout");
        }
        SessionEvent.Closed closed = listener.await(SessionEvent.Closed.class);
        assertThat(closed.cause().kind()).isEqualTo(Failure.Kind.MESSAGE_TIMEOUT);
        assertThat(closed.status().code()).isEqualTo(CloseCode.POLICY_VIOLATION);
        assertThat(listener.all(SessionEvent.Suspect.class)).isEmpty();
        assertThat(listener.messageCount()).isZero();
    }

    @Test
    void comesBackAsAClientWhenTheServerDoesNotFinish() throws Exception {
        RawServer server = opened.add(new RawServer((peer, number) -> {
            peer.upgrade();
            if (number == 1) {
                beginAndLive(peer, Frame.part(false, Frame.TEXT, "once upon a ti"));
                return;
            }
            peer.write(Frame.part(false, Frame.TEXT, "the whole "), Frame.part(true, Frame.CONTINUATION, "story"));
            peer.read(Frame.CLOSE);
        }));
        Session session =
                opened.connect(EverwireClient.to(server.url()).limits(HASTY).liveness(LIVELY), listener);

        assertThat(listener.next().text()).isEqualTo("the whole story");
        assertThat(listener.await(SessionEvent.Lost.class).cause().kind()).isEqualTo(Failure.Kind.MESSAGE_TIMEOUT);
        assertThat(session.epoch()).isEqualTo(2);
    }

    @Test
    void judgesNoMessageWhileTheApplicationDoesNotRead() throws Exception {
        EverwireServer server = opened.serve(EverwireServer.builder()
                .limits(HASTY.withReadAheadBytes(1))
                .liveness(LIVELY)
                .listen("/", listener));
        try (RawPeer peer = RawPeer.open(server.port())) {
            listener.await(SessionEvent.Ready.class);
            Session session = listener.session();
            session.pause();
            // One segment: the first message fills the read-ahead, the second one has begun.
            peer.write(Frame.text("held"), Frame.part(false, Frame.TEXT, "beg"));
            // At 200 ms each, so that its time has passed several times.
            Patience.until("pings went on", () -> pings(session) >= 10);
            assertThat(listener.all(SessionEvent.Closed.class)).isEmpty();

            peer.write(Frame.part(true, Frame.CONTINUATION, "un"));
            session.resume();
            assertThat(listener.next(2)).containsExactly("held", "begun");
            CompletionStage<Delivery> after = session.send("after");
            assertThat(peer.read(Frame.TEXT).text()).isEqualTo("after");
            peer.write(Frame.pongTo(peer.read()));
            assertThat(Patience.of(after)).isEqualTo(Delivery.CONFIRMED);
        }
    }

    private static long pings(Session session) {
        LivenessReport report = session.liveness();
        return report == null ? 0 : report.pingsSent();
    }
}
