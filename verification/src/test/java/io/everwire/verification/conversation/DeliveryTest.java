package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.Delivery;
import io.everwire.Limits;
import io.everwire.Message;
import io.everwire.SendOptions;
import io.everwire.Session;
import io.everwire.SessionClosedException;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.SessionState;
import io.everwire.client.EverwireClient;
import io.everwire.faults.AcceptThenClose;
import io.everwire.faults.CutAfter;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.server.EverwireServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What becomes of a message that is sent, whatever happens: one of three words, always. */
class DeliveryTest {
    private static final SessionListener DEAF = new SessionListener() {};
    private static final SendOptions PRICE = SendOptions.DEFAULT.withKey("price");

    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener server = new RecordingListener();
    private final RecordingListener client = new RecordingListener();

    @Test
    void confirmsWhatThePeersEndpointHasReadFromClientToServer() {
        Session session = opened.connect(opened.serve(server), client);

        assertThat(Patience.of(session.send("hello"))).isEqualTo(Delivery.CONFIRMED);
        assertThat(server.next()).isEqualTo(Message.text("hello"));
    }

    @Test
    void confirmsWhatThePeersEndpointHasReadFromServerToClient() {
        opened.connect(opened.serve(server), client);

        assertThat(Patience.of(server.session().send(Message.binary((byte) 1, (byte) 2))))
                .isEqualTo(Delivery.CONFIRMED);
        assertThat(client.next()).isEqualTo(Message.binary((byte) 1, (byte) 2));
    }

    @Test
    void deliversInOrderWhatWasSentBeforeTheServerWasUp() {
        FaultProxy proxy = opened.proxy(opened.serve(server));
        proxy.apply(new AcceptThenClose());
        Session session = opened.connect(EverwireClient.to(Opened.url(proxy.port())), client);
        List<CompletionStage<Delivery>> deliveries =
                numbers(0, 100).stream().map(session::send).toList();
        client.await(SessionEvent.Waiting.class, 2);

        proxy.heal();
        session.reconnectNow();

        assertThat(server.next(100)).isEqualTo(numbers(0, 100));
        assertThat(deliveries).extracting(Patience::of).containsOnly(Delivery.CONFIRMED);
    }

    @Test
    void saysUnknownOfWhatWasWrittenAndKeepsTheQueueInOrderWhenTheLinkIsLost() throws Exception {
        BlockingQueue<String> second = new LinkedBlockingQueue<>();
        RawServer raw = opened.add(new RawServer((peer, number) -> {
            peer.upgrade();
            if (number == 1) {
                for (int i = 0; i < 3; i++) {
                    readData(peer);
                }
                peer.reset();
            } else {
                while (true) {
                    second.add(peer.read(Frame.TEXT).text());
                }
            }
        }));
        Session session = opened.connect(EverwireClient.to(raw.url()), client);
        List<CompletionStage<Delivery>> written =
                numbers(0, 3).stream().map(session::send).toList();
        SessionEvent.Lost lost = client.await(SessionEvent.Lost.class);
        List<CompletionStage<Delivery>> queued =
                numbers(3, 6).stream().map(session::send).toList();

        assertThat(lost.gap().unknownSends()).isEqualTo(3);
        assertThat(written).extracting(stage -> Patience.of(stage).outcome()).containsOnly(Delivery.Outcome.UNKNOWN);
        assertThat(queued).extracting(Patience::of).containsOnly(Delivery.CONFIRMED);
        assertThat(second).containsExactly("3", "4", "5");
    }

    @Test
    void refusesAtOnceWhenTheQueueIsFullAndTellsWhenThereIsRoomAgain() {
        PendingRequest pending = new PendingRequest();
        Session session = opened.connect(pending.client().limits(Limits.DEFAULT.withQueue(1 << 20, 10)), client);
        List<CompletionStage<Delivery>> taken =
                numbers(0, 10).stream().map(session::send).toList();

        CompletionStage<Delivery> refused = session.send("too many");

        assertThat(refused.toCompletableFuture()).isCompletedWithValue(Delivery.notSent(Delivery.FULL));
        assertThat(session.trySend(Message.text("too many"))).isFalse();
        assertThat(session.rejectedSends()).isEqualTo(2);

        pending.supply(opened.serve(server).port());
        client.awaitWritable();
        assertThat(session.trySend(Message.text("room"))).isTrue();
        assertThat(taken).extracting(Patience::of).containsOnly(Delivery.CONFIRMED);
        assertThat(server.next(11)).endsWith("9", "room");
        Patience.until("the queue is empty", () -> session.queuedBytes() == 0);
    }

    @Test
    void chargesEachMessageItsPayloadAndItsOverheadUntilItIsWritten() {
        Session session = opened.connect(new PendingRequest().client(), client);

        session.send("12345");
        session.trySend(Message.binary(new byte[95]));

        assertThat(session.queuedBytes()).isEqualTo(100 + 2 * Limits.MESSAGE_OVERHEAD_BYTES);
    }

    @Test
    void takesOneLegalMessageIntoAnEmptyQueueHoweverSmallTheQueue() {
        EverwireServer up = opened.serve(server);
        Session session = opened.connect(
                EverwireClient.to(Opened.url(up.port())).limits(Limits.DEFAULT.withQueue(1_024, 1)), client);
        Message large = Message.binary(new byte[1 << 20]);

        assertThat(Patience.of(session.send(large))).isEqualTo(Delivery.CONFIRMED);
        assertThat(server.next()).isEqualTo(large);
    }

    @Test
    void refusesAMessageThatNoPeerWithTheSameLimitsWouldTake() {
        Session session = opened.connect(opened.serve(server), client);
        Message tooLarge = Message.binary(new byte[(1 << 20) + 1]);

        Delivery delivery = Patience.of(session.send(tooLarge));

        assertThat(delivery.outcome()).isEqualTo(Delivery.Outcome.NOT_SENT);
        assertThat(delivery.reason()).contains("1048577").contains("1048576");
        assertThat(session.trySend(tooLarge)).isFalse();
        assertThat(session.rejectedSends()).isEqualTo(2);
        assertThat(Patience.of(session.send("still open"))).isEqualTo(Delivery.CONFIRMED);
    }

    @Test
    void expiresInTheQueueWhatHasATimeToLiveAndNothingElse() {
        PendingRequest pending = new PendingRequest();
        Session session = opened.connect(pending.client(), client);
        CompletionStage<Delivery> before = session.send("before");
        CompletionStage<Delivery> mortal =
                session.send(Message.text("mortal"), SendOptions.DEFAULT.withTimeToLive(Duration.ofMillis(20)));
        CompletionStage<Delivery> hardy =
                session.send(Message.text("hardy"), SendOptions.DEFAULT.withTimeToLive(Duration.ofHours(1)));

        assertThat(Patience.of(mortal)).isEqualTo(Delivery.notSent(Delivery.EXPIRED));
        assertThat(session.queuedBytes()).isEqualTo("beforehardy".length() + 2 * Limits.MESSAGE_OVERHEAD_BYTES);

        pending.supply(opened.serve(server).port());
        assertThat(List.of(before, hardy)).extracting(Patience::of).containsOnly(Delivery.CONFIRMED);
        assertThat(server.texts()).containsExactly("before", "hardy");
    }

    @Test
    void replacesAQueuedMessageByANewerOneWithTheSameKeyInItsPlace() {
        PendingRequest pending = new PendingRequest();
        Session session = opened.connect(pending.client(), client);
        CompletionStage<Delivery> old = session.send(Message.text("1.00"), PRICE);
        session.send("between");
        session.send(Message.text("other"), SendOptions.DEFAULT.withKey("volume"));
        CompletionStage<Delivery> fresh = session.send(Message.text("1.01"), PRICE);

        assertThat(Patience.of(old)).isEqualTo(Delivery.notSent(Delivery.REPLACED));
        pending.supply(opened.serve(server).port());
        assertThat(Patience.of(fresh)).isEqualTo(Delivery.CONFIRMED);
        assertThat(server.texts()).containsExactly("1.01", "between", "other");
    }

    @Test
    void keepsTheQueueWithinItsBytesWhenReplacementsAreLarger() {
        Session session =
                opened.connect(new PendingRequest().client().limits(Limits.DEFAULT.withQueue(10_000, 100)), client);
        for (int key = 0; key < 50; key++) {
            session.send(Message.text("."), SendOptions.DEFAULT.withKey("key " + key));
        }
        for (int key = 0; key < 50; key++) {
            session.send(Message.binary(new byte[1_000]), SendOptions.DEFAULT.withKey("key " + key));
        }

        assertThat(session.queuedBytes()).isLessThanOrEqualTo(10_000);
    }

    @Test
    void settlesEverythingWhenTheApplicationClosesTheSession() {
        Session session = opened.connect(new PendingRequest().client(), client);
        List<CompletionStage<Delivery>> deliveries =
                numbers(0, 500).stream().map(session::send).toList();

        session.close();

        assertThat(deliveries)
                .extracting(stage -> Patience.of(stage).outcome())
                .hasSize(500)
                .containsOnly(Delivery.Outcome.NOT_SENT);
        assertThat(session.queuedBytes()).isZero();
    }

    @Test
    void takesNothingAfterTheEnd() {
        Session session = opened.connect(opened.serve(server), client);
        client.await(SessionEvent.Ready.class);
        session.close();
        Patience.of(session.closed());

        assertThat(session.state()).isEqualTo(SessionState.CLOSED);
        assertThat(Patience.of(session.send("late")).outcome()).isEqualTo(Delivery.Outcome.NOT_SENT);
        assertThat(session.trySend(Message.text("late"))).isFalse();
        assertThatThrownBy(() -> session.awaitSend(Message.text("late"), Duration.ofSeconds(1)))
                .isInstanceOf(SessionClosedException.class)
                .hasMessageContaining("closed");
        assertThat(session.rejectedSends()).isEqualTo(3);
        assertThat(server.texts()).isEmpty();
    }

    @Test
    void writesWhatIsQueuedBeforeItClosesAnOpenConnection() {
        Session session = opened.connect(opened.serve(server), client);
        client.await(SessionEvent.Ready.class);
        for (String number : numbers(0, 500)) {
            session.trySend(Message.text(number));
        }

        session.close();

        assertThat(Patience.of(session.closed()).isClean()).isTrue();
        server.await(SessionEvent.Closed.class);
        assertThat(server.texts()).isEqualTo(numbers(0, 500));
    }

    @Test
    void writesAMessageAgainOnlyWhenItsLastByteNeverLeft() {
        FaultProxy proxy = opened.proxy(opened.serve(server));
        proxy.apply(new CutAfter(200_000));
        Session session = opened.connect(EverwireClient.to(Opened.url(proxy.port())), client);
        Message large = Message.binary(new byte[1 << 20]);

        CompletionStage<Delivery> delivery = session.send(large);
        client.await(SessionEvent.Lost.class);
        proxy.heal();

        assertThat(Patience.of(delivery)).isEqualTo(Delivery.CONFIRMED);
        assertThat(server.next()).isEqualTo(large);
        assertThat(server.messageCount()).isEqualTo(1);
    }

    @Test
    void settlesEverySendOnceWhateverHappensToTheLinks() throws Exception {
        FaultProxy proxy = opened.proxy(opened.serve(DEAF));
        BlockingQueue<Delivery> settled = new LinkedBlockingQueue<>();
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            sessions.add(opened.connect(
                    EverwireClient.to(Opened.url(proxy.port())).limits(Limits.DEFAULT.withQueue(64 << 10, 200)), DEAF));
        }
        for (int round = 0; round < 20; round++) {
            for (Session session : sessions) {
                for (int i = 0; i < 50; i++) {
                    session.send(Message.binary(new byte[i * 40])).thenAccept(settled::add);
                }
            }
            if (round % 5 == 4) {
                proxy.apply(new io.everwire.faults.Reset());
            }
        }
        sessions.forEach(Session::close);

        for (int i = 0; i < 3_000; i++) {
            assertThat(settled.poll(Patience.SECONDS, TimeUnit.SECONDS))
                    .as("settled " + i)
                    .isNotNull();
        }
        assertThat(settled).isEmpty();
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    /** Reads the next message and answers no ping. */
    private static void readData(RawPeer peer) throws Exception {
        Frame frame = peer.read();
        while (frame.opcode() != Frame.TEXT) {
            frame = peer.read();
        }
    }
}
