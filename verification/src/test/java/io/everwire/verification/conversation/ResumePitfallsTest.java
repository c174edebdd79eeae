package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Backoff;
import io.everwire.Delivery;
import io.everwire.Limits;
import io.everwire.LossReason;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.faults.CutAfter;
import io.everwire.faults.Direction;
import io.everwire.faults.Refuse;
import io.everwire.faults.Reset;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.server.EverwireServer;
import io.everwire.transport.SessionCounts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Where others' resumed sessions have failed, tried with both ends of ours on real connections. */
class ResumePitfallsTest {
    private static final ReconnectPolicy BRISK = ReconnectPolicy.DEFAULT
            .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10))
            .withBackoff(Backoff.fixed(Duration.ofMillis(50)))
            .withBudgets(10_000, 10_000);

    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener server = new RecordingListener();
    private final RecordingListener client = new RecordingListener();

    private EverwireServer serve(ResumePolicy policy, RecordingListener listener) {
        return opened.serve(EverwireServer.builder().sessions(policy).listen("/", listener));
    }

    private Tap tap() throws IOException {
        return opened.add(new Tap(serve(ResumePolicy.DEFAULT, server).port()));
    }

    private Session connect(int port) {
        return connect(port, ResumePolicy.DEFAULT, client);
    }

    private Session connect(int port, ResumePolicy policy, RecordingListener listener) {
        return opened.connect(
                EverwireClient.to(Opened.url(port)).reconnect(BRISK).sessions(policy), listener);
    }

    private static List<String> numbered(String name, int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> name + " " + i).toList();
    }

    private static List<CompletionStage<Delivery>> send(Session from, List<String> texts) {
        return texts.stream().map(from::send).toList();
    }

    private static void confirm(List<CompletionStage<Delivery>> sends) {
        sends.forEach(send -> assertThat(Patience.of(send)).isEqualTo(Delivery.CONFIRMED));
    }

    private void awaitTexts(RecordingListener at, List<String> expected) {
        Patience.until("messages arrive", () -> at.messageCount() >= expected.size());
        assertThat(at.texts()).isEqualTo(expected);
    }

    private void assertNeverLost() {
        assertThat(client.all(SessionEvent.SessionLost.class)).isEmpty();
        assertThat(server.all(SessionEvent.SessionLost.class)).isEmpty();
        assertThat(server.all(SessionEvent.Open.class)).hasSize(1);
    }

    @Test
    @DisplayName("pitfall 1: comes back fifty times in a row before the server has noticed the loss")
    void resumesWhatTheServerTakesForConnected() throws IOException {
        Tap tap = tap();
        Session up = connect(tap.port());
        client.await(SessionEvent.Ready.class);
        Session down = server.session();
        List<CompletionStage<Delivery>> sends = new ArrayList<>();
        for (int i = 1; i <= 50; i++) {
            sends.add(up.send("up " + i));
            sends.add(down.send("down " + i));
            tap.cutUnnoticedByServer();
            client.await(SessionEvent.Resumed.class, i);
        }
        confirm(sends);
        awaitTexts(server, numbered("up", 50));
        awaitTexts(client, numbered("down", 50));
        assertThat(tap.recordings()).hasSizeGreaterThan(50);
        assertNeverLost();
    }

    @Test
    @DisplayName("pitfall 2: resumes a session in which nothing was ever received")
    void resumesWithoutAMessage() throws IOException {
        Tap tap = tap();
        Session session = connect(tap.port());
        client.await(SessionEvent.Ready.class);
        tap.cut();
        SessionEvent.Resumed resumed = client.await(SessionEvent.Resumed.class);
        assertThat(resumed.replayedIn()).isZero();
        assertThat(resumed.replayedOut()).isZero();
        confirm(send(session, List.of("up 1")));
        confirm(send(server.session(), List.of("down 1")));
        assertThat(server.next().number()).isEqualTo(1);
        assertThat(client.next().number()).isEqualTo(1);
        assertNeverLost();
    }

    @Test
    @DisplayName("pitfall 3: resumes twice without new traffic and nothing is on the wire again")
    void repeatsNothing() throws IOException {
        Tap tap = tap();
        Session session = connect(tap.port());
        client.await(SessionEvent.Ready.class);
        confirm(send(session, numbered("up", 20)));
        confirm(send(server.session(), numbered("down", 20)));
        for (int i = 1; i <= 2; i++) {
            tap.cut();
            client.await(SessionEvent.Resumed.class, i);
        }
        confirm(send(session, List.of("up 21")));
        confirm(send(server.session(), List.of("down 21")));
        awaitTexts(server, numbered("up", 21));
        awaitTexts(client, numbered("down", 21));
        List<Tap.Recording> recordings = tap.recordings();
        assertThat(payloads(recordings, Direction.UP)).isEqualTo(numbered("up", 21));
        assertThat(payloads(recordings, Direction.DOWN)).isEqualTo(numbered("down", 21));
        assertNeverLost();
    }

    @Test
    @DisplayName("a cable that flaps keeps nobody waiting longer each time")
    void comesBackAtOnceWhileMessagesMoveInBetween() throws IOException {
        Tap tap = tap();
        Session session =
                opened.connect(EverwireClient.to(Opened.url(tap.port())).sessions(), client);
        client.await(SessionEvent.Ready.class);
        List<CompletionStage<Delivery>> sends = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            tap.cut();
            client.await(SessionEvent.Resumed.class, i);
            sends.add(session.send("up " + i));
            confirm(sends);
        }
        awaitTexts(server, numbered("up", 12));
        // What comes before the first resume is a new session's, which proves nothing yet.
        assertThat(client.all(SessionEvent.Waiting.class).stream().skip(1))
                .hasSize(11)
                .allSatisfy(waiting -> assertThat(waiting.delay()).isLessThanOrEqualTo(Duration.ofMillis(250)));
        assertNeverLost();
    }

    private static List<String> payloads(List<Tap.Recording> recordings, Direction direction) {
        return recordings.stream()
                .map(recording -> direction == Direction.UP ? recording.up() : recording.down())
                .flatMap(stream -> stream.data().stream())
                .map(span -> span.frame().text())
                .toList();
    }

    @Test
    @DisplayName("pitfall 12: what is sent while the session is being set up is neither lost nor doubled")
    void keepsWhatIsSentWhileTheSessionBegins() throws IOException {
        RecordingListener greeting = new RecordingListener() {
            @Override
            public void onEvent(Session session, SessionEvent event) {
                super.onEvent(session, event);
                if (event instanceof SessionEvent.Open) {
                    numbered(String.valueOf(session.sessionId()), 100).forEach(session::send);
                }
            }
        };
        EverwireServer target = serve(ResumePolicy.DEFAULT, greeting);
        int hello;
        try (SessionPeer peer = SessionPeer.begin(target.port())) {
            hello = peer.head().length() + 1;
        }
        // Behind the 101, inside the hello and behind it: the client's session begins anew, or it has begun and is
        // resumed.
        for (int bytes = hello; bytes < hello + 600; bytes += 50) {
            RecordingListener greeted = new RecordingListener();
            FaultProxy proxy = opened.proxy(target);
            proxy.apply(new CutAfter(bytes, Direction.DOWN, false));
            Session session = connect(proxy.port(), ResumePolicy.DEFAULT, greeted);
            List<CompletionStage<Delivery>> sends = send(session, numbered("up", 100));
            greeted.await(SessionEvent.Waiting.class);
            proxy.heal();
            confirm(sends);
            awaitTexts(greeted, numbered(String.valueOf(session.sessionId()), 100));
            assertThat(greeted.all(SessionEvent.Open.class)).hasSize(1);
            session.close();
            Patience.of(session.closed());
        }
        Patience.until("everything has come once", () -> greeting.messageCount() >= 1_200);
        List<String> expected = IntStream.range(0, 12)
                .boxed()
                .flatMap(i -> numbered("up", 100).stream())
                .toList();
        assertThat(greeting.texts()).isEqualTo(expected);
    }

    @Test
    @DisplayName("pitfall 13: full windows both ways and handlers that send do not stop each other")
    void goesOnWithFullWindowsBothWays() {
        ResumePolicy narrow = ResumePolicy.DEFAULT.withWindow(4 << 10, 8);
        RecordingListener answeringServer = answering("answer of the server");
        RecordingListener answeringClient = answering("answer of the client");
        EverwireServer target = serve(narrow, answeringServer);
        Session up = connect(target.port(), narrow, answeringClient);
        answeringClient.await(SessionEvent.Ready.class);
        Session down = answeringServer.session();
        // Both applications stand still until both windows are full, and then all goes on.
        up.pause();
        down.pause();
        List<CompletionStage<Delivery>> sends = new ArrayList<>(send(up, numbered("up", 300)));
        sends.addAll(send(down, numbered("down", 300)));
        Patience.until("both windows are full", () -> up.queuedBytes() > 0 && down.queuedBytes() > 0);
        up.resume();
        down.resume();
        confirm(sends);
        Patience.until("everything is answered", () -> answeringServer.messageCount() == 600);
        Patience.until("everything is answered", () -> answeringClient.messageCount() == 600);
        assertAnsweredAndInOrder(answeringServer, "up");
        assertAnsweredAndInOrder(answeringClient, "down");
    }

    private static void assertAnsweredAndInOrder(RecordingListener at, String name) {
        List<String> all = at.texts();
        assertThat(all.stream().filter(text -> text.startsWith("answer")).distinct())
                .hasSize(300);
        assertThat(all.stream().filter(text -> !text.startsWith("answer"))).isEqualTo(numbered(name, 300));
    }

    private static RecordingListener answering(String name) {
        return new RecordingListener() {
            @Override
            public void onMessage(Session session, Message message) {
                super.onMessage(session, message);
                if (!message.text().startsWith("answer")) {
                    session.send(name + " to " + message.text());
                }
            }
        };
    }

    @Test
    @DisplayName("pitfall 14: a server session that is flooded while its client is away ends, and both ends are told")
    void endsAFloodedSessionAndTellsBoth() {
        ResumePolicy narrow = ResumePolicy.DEFAULT.withWindow(64 << 10, 100);
        EverwireServer target = serve(narrow, server);
        FaultProxy proxy = opened.proxy(target);
        connect(proxy.port(), ResumePolicy.DEFAULT.withWindow(64 << 10, 100), client);
        client.await(SessionEvent.Ready.class);
        Session down = server.session();
        confirm(send(down, numbered("before", 3)));
        proxy.apply(new Refuse());
        proxy.apply(new Reset());
        server.await(SessionEvent.Suspended.class);
        List<CompletionStage<Delivery>> flood = send(down, numbered("flood", 5_000));
        SessionEvent.SessionLost atServer = server.await(SessionEvent.SessionLost.class);
        assertThat(atServer.loss().reason()).isEqualTo(LossReason.OVERRUN);
        assertThat(atServer.loss().delivered()).isEqualTo(3);
        assertThat(atServer.loss().undelivered()).isEqualTo(100);
        flood.forEach(send -> assertThat(Patience.of(send).outcome()).isEqualTo(Delivery.Outcome.NOT_SENT));
        SessionCounts counts = target.sessionCounts();
        assertThat(counts == null ? -1 : counts.replayBytes())
                .as("nothing is kept for it")
                .isZero();

        proxy.heal();
        SessionEvent.SessionLost atClient = client.await(SessionEvent.SessionLost.class);
        assertThat(atClient.loss().reason()).isEqualTo(LossReason.OVERRUN);
        assertThat(atClient.loss().received()).isEqualTo(3);
        client.await(SessionEvent.Ready.class, 2);
        assertThat(client.texts()).isEqualTo(numbered("before", 3));
    }

    @Test
    @DisplayName(
            "pitfall 14: a client that is flooded while it is away refuses what does not fit its queue, and says so")
    void boundsTheQueueOfAClientThatIsAway() {
        EverwireServer target = serve(ResumePolicy.DEFAULT, server);
        FaultProxy proxy = opened.proxy(target);
        Session session = opened.connect(
                EverwireClient.to(Opened.url(proxy.port()))
                        .reconnect(BRISK)
                        .limits(Limits.DEFAULT.withQueue(1 << 20, 100))
                        .sessions(),
                client);
        client.await(SessionEvent.Ready.class);
        proxy.apply(new Refuse());
        proxy.apply(new Reset());
        client.await(SessionEvent.Suspended.class);
        List<CompletionStage<Delivery>> flood = send(session, numbered("up", 5_000));
        assertThat(session.queuedBytes()).isLessThanOrEqualTo(1 << 20);
        proxy.heal();
        session.reconnectNow();
        confirm(flood.subList(0, 100));
        for (CompletionStage<Delivery> refused : flood.subList(100, flood.size())) {
            assertThat(Patience.of(refused)).isEqualTo(Delivery.notSent(Delivery.FULL));
        }
        awaitTexts(server, numbered("up", 100));
        assertNeverLost();
    }
}
