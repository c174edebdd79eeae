package io.everwire.verification.storm;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseStatus;
import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.StormPolicy;
import io.everwire.client.EverwireClient;
import io.everwire.server.Authentication;
import io.everwire.server.EverwireServer;
import io.everwire.session.resume.Offer;
import io.everwire.transport.EventLoops;
import io.everwire.verification.conversation.Frame;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RawPeer;
import io.everwire.verification.conversation.RecordingListener;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** More clients than a server takes at once: what they are told, and that they come back when they were told to. */
class StormTest {
    private static final StormPolicy TWO_A_SECOND = StormPolicy.DEFAULT.withHandshakesPerSecond(2);

    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener listener = new RecordingListener();

    private EverwireServer.Builder serving(StormPolicy policy) {
        return EverwireServer.builder().listen("/", listener).storm(policy);
    }

    private static String ask(EverwireServer server, String headers) throws IOException {
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write("GET / HTTP/1.1\r\n" + RawPeer.HEADERS + headers + "\r\n");
            String head = peer.readHead();
            return head.startsWith("HTTP/1.1 101 ") ? head : head + peer.readAll();
        }
    }

    private static String valueOf(String name, String answer) {
        Matcher value = Pattern.compile("(?i)\r\n" + name + ": ([^\r]*)\r\n").matcher(answer);
        assertThat(value.find()).as("%s in %s", name, answer).isTrue();
        return value.group(1);
    }

    /** Lets so many in that the next one is sent away. */
    private void fill(EverwireServer server) throws IOException {
        for (int i = 0; i < 2; i++) {
            opened.add(RawPeer.open(server.port()));
        }
    }

    @Test
    void tellsAClientWhenToComeBack() throws Exception {
        EverwireServer server = opened.serve(serving(StormPolicy.DEFAULT.withHandshakesPerSecond(1)));
        opened.add(RawPeer.open(server.port()));
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String answer = ask(server, "");
            assertThat(answer).startsWith("HTTP/1.1 503 ").contains("too much to do");
            long millis = Long.parseLong(valueOf("retry-after-ms", answer));
            long seconds = Long.parseLong(valueOf("retry-after", answer));
            assertThat(seconds).as("rounded up").isEqualTo((millis + 999) / 1_000);
            assertThat(valueOf("everwire-ticket", answer)).matches("[A-Za-z0-9_-]{22}");
            delays.add(millis);
        }
        assertThat(delays).isSorted().doesNotHaveDuplicates();
        assertThat(server.stormCounts().refused()).isEqualTo(3);
    }

    @Test
    void tellsWhoComesTooEarlyHisSlotAgain() throws Exception {
        EverwireServer server = opened.serve(serving(StormPolicy.DEFAULT.withHandshakesPerSecond(1)));
        opened.add(RawPeer.open(server.port()));
        ask(server, "");
        ask(server, "");
        String ticket = valueOf("everwire-ticket", ask(server, ""));
        String again = ask(server, "Everwire-Ticket: " + ticket + "\r\n");
        assertThat(again).startsWith("HTTP/1.1 503 ");
        assertThat(valueOf("everwire-ticket", again)).isEqualTo(ticket);
    }

    @Test
    void asksNoAuthenticatorAboutWhoIsSentAway() throws Exception {
        EverwireServer server = opened.serve(
                serving(StormPolicy.DEFAULT.withHandshakesPerSecond(1)).authenticate(handshake -> {
                    assertThat(handshake.header("x-number")).isEqualTo("first");
                    return Authentication.granted(null).now();
                }));
        try (RawPeer first = RawPeer.dial(server.port())) {
            first.write("GET / HTTP/1.1\r\n" + RawPeer.HEADERS + "X-Number: first\r\n\r\n");
            assertThat(first.readHead()).startsWith("HTTP/1.1 101 ");
            assertThat(ask(server, "X-Number: second\r\n")).startsWith("HTTP/1.1 503 ");
        }
    }

    @Test
    void answersHealthChecksAllTheSame() throws Exception {
        EverwireServer server = opened.serve(serving(TWO_A_SECOND));
        fill(server);
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
            assertThat(peer.readAll()).startsWith("HTTP/1.1 200 ");
        }
    }

    /** A page is shown no status: it is let in, to be closed with 1013 and the time. */
    @Test
    void tellsAPageInACloseFrame() throws Exception {
        EverwireServer server = opened.serve(
                serving(StormPolicy.DEFAULT.withHandshakesPerSecond(1)).sessions(ResumePolicy.DEFAULT));
        opened.add(RawPeer.open(server.port()));
        try (RawPeer page = RawPeer.dial(server.port())) {
            page.write("GET / HTTP/1.1\r\n" + RawPeer.HEADERS + "Origin: http://127.0.0.1\r\n"
                    + "Sec-WebSocket-Protocol: everwire.v1, " + new Offer(0, 1, 1_024, 1_000, null).token()
                    + "\r\n\r\n");
            String head = page.readHead();
            assertThat(head).startsWith("HTTP/1.1 101 ");
            Frame close = page.read(Frame.CLOSE);
            assertThat(close.closeCode()).isEqualTo(1013);
            CloseStatus status = new CloseStatus(1013, close.closeReason());
            assertThat(status.retryAfter()).isBetween(Duration.ofMillis(250), Duration.ofSeconds(60));
        }
    }

    @Test
    void bringsEveryClientBackInTheOrderOfTheirSlots() throws Exception {
        int count = 200;
        EverwireServer server = opened.serve(serving(StormPolicy.DEFAULT.withHandshakesPerSecond(60))
                .liveness(LivenessPolicy.DEFAULT.withPing(Duration.ofMillis(100), Duration.ofSeconds(10))));
        RecordingListener early = new RecordingListener();
        Session survivor = opened.connect(server, early);
        early.await(SessionEvent.Ready.class);
        List<RecordingListener> crowd = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RecordingListener one = new RecordingListener();
            crowd.add(one);
            opened.connect(EverwireClient.to(Opened.url(server.port())).hostBudget(1_000, 1_000), one);
        }
        for (RecordingListener one : crowd) {
            one.await(SessionEvent.Ready.class);
        }
        assertThat(server.stormCounts().admittedByTicket()).isPositive();
        for (RecordingListener one : crowd) {
            List<SessionEvent.Waiting> waits = one.all(SessionEvent.Waiting.class);
            assertThat(waits).hasSizeLessThanOrEqualTo(2);
            for (SessionEvent.Waiting wait : waits) {
                Duration slot = Objects.requireNonNull(wait.failure().retryAfter());
                assertThat(wait.failure().isSlot()).isTrue();
                assertThat(wait.delay()).isBetween(slot, slot.plusMillis(50));
            }
        }
        assertThat(early.all(SessionEvent.Lost.class))
                .as("who was there before")
                .isEmpty();
        Patience.until("its heart beats", () -> survivor.liveness() != null);
    }

    /** The server is late with the connections that it has, and spares them those that are not there yet. */
    @Test
    void sendsNewcomersAwayWhileItsEventLoopIsLate() throws Exception {
        EventLoops one = opened.add(EventLoops.create(1));
        EverwireServer server = opened.serve(EverwireServer.builder()
                .eventLoops(one)
                .storm(StormPolicy.DEFAULT.withLateness(Duration.ofMillis(50), null))
                .listen("/", new RecordingListener() {
                    @Override
                    public void onMessage(Session session, Message message) {
                        hold(Long.parseLong(message.text()));
                    }
                }));
        RawPeer busy = opened.add(RawPeer.open(server.port()));
        Patience.until("somebody is sent away", () -> {
            busy.write(Frame.text("200"));
            return ask(server, "").startsWith("HTTP/1.1 503 ");
        });
        Patience.until("when it is in time again, everybody is let in", () -> {
            try (RawPeer peer = RawPeer.dial(server.port())) {
                peer.write(RawPeer.REQUEST);
                return peer.readHead().startsWith("HTTP/1.1 101 ");
            }
        });
    }

    /** Keeps the event loop from its work. */
    private static void hold(long millis) {
        try {
            new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void bringsAllClientsOfAKilledServerBack() throws Exception {
        try (Storm storm = new Storm(300, 1, "150", 1_000)) {
            storm.connect();
            Storm.Outcome outcome = storm.strike(Duration.ofMillis(200), 1);
            assertThat(outcome.backMillis()).hasSize(300);
            assertThat(outcome.lostAgain()).isZero();
            assertThat(outcome.failed()).as(outcome.toString()).isZero();
        }
    }
}
