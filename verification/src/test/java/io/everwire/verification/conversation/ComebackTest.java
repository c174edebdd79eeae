package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Backoff;
import io.everwire.Failure;
import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.faults.AcceptThenClose;
import io.everwire.faults.Blackhole;
import io.everwire.faults.Fault;
import io.everwire.faults.MuteUpgrade;
import io.everwire.faults.Refuse;
import io.everwire.faults.Reset;
import io.everwire.faults.proxy.FaultProxy;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A client comes back through everything that a network does, and tells each step once and in order. */
class ComebackTest {
    private static final LivenessPolicy HASTY =
            LivenessPolicy.DEFAULT.withPing(Duration.ofMillis(200), Duration.ofMillis(200));
    private static final ReconnectPolicy BRISK = ReconnectPolicy.DEFAULT
            .withTimeouts(Duration.ofMillis(500), Duration.ofSeconds(10))
            .withBackoff(Backoff.fixed(Duration.ofMillis(50)))
            .withBudgets(10_000, 10_000);

    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener server = new RecordingListener();
    private final RecordingListener client = new RecordingListener();
    private final FaultProxy proxy = opened.proxy(opened.serve(server));

    private EverwireClient.Builder builder() {
        return EverwireClient.to(Opened.url(proxy.port())).liveness(HASTY).reconnect(BRISK);
    }

    static Stream<List<Fault>> outages() {
        return Stream.of(
                List.of(Blackhole.BOTH),
                List.of(Blackhole.UP),
                List.of(Blackhole.DOWN),
                List.of(new Refuse(), new Reset()),
                List.of(new AcceptThenClose(), new Reset()),
                List.of(new MuteUpgrade(), new Reset()));
    }

    @ParameterizedTest
    @MethodSource("outages")
    void comesBackWhenTheNetworkDoes(List<Fault> faults) {
        Session session = opened.connect(builder(), client);
        client.await(SessionEvent.Ready.class);
        Patience.of(session.send("before"));

        faults.forEach(proxy::apply);
        client.await(SessionEvent.Lost.class);
        session.send("meanwhile");
        client.await(SessionEvent.Waiting.class, 2);
        proxy.heal();
        session.reconnectNow();
        SessionEvent.Reconnected back = client.await(SessionEvent.Reconnected.class);

        assertThat(Patience.of(session.send("after")).isConfirmed()).isTrue();
        assertThat(server.texts()).containsExactly("before", "meanwhile", "after");
        assertThat(back.epoch()).isGreaterThan(1);
        assertThat(back.gap().lostEpoch()).isEqualTo(1);
        assertThat(back.outage()).isPositive();
        assertThat(session.epoch()).isEqualTo(back.epoch());
        assertThat(session.explain().lines().skip(1).limit(10))
                .startsWith("the last outage:")
                .anyMatch(line -> line.matches(" {2}lost .*Z {2}connection 1, .*"))
                .anyMatch(line -> line.matches(" {2}in doubt .*never confirmed"))
                .anyMatch(line -> line.matches(" {2}dialed +\\d+ times?: .* opened"))
                .anyMatch(line -> line.matches(" {2}back .*Z {2}connection " + back.epoch() + ", after .* s"));
        assertThat(session.explain())
                .contains("Connecting")
                .contains("Open")
                .contains("Ready")
                .contains("Lost")
                .contains("Waiting")
                .contains("Reconnected");
        OrderOfEvents.check(client.events());
    }

    @Test
    void tellsEachStepOnceAndInOrderOverManyOutages() {
        Session session = opened.connect(builder(), client);
        for (int epoch = 1; epoch <= 10; epoch++) {
            client.await(SessionEvent.Ready.class, epoch);
            proxy.apply(new Reset());
            client.await(SessionEvent.Lost.class, epoch);
        }
        client.await(SessionEvent.Ready.class, 11);
        session.close();
        Patience.of(session.closed());

        OrderOfEvents.check(client.events());
        assertThat(client.all(SessionEvent.Open.class))
                .extracting(SessionEvent.Open::epoch)
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(client.all(SessionEvent.Closed.class)).hasSize(1);
    }

    @Test
    void saysHowSilentThePeerWasWhenItWasJudgedDead() {
        opened.connect(builder(), client);
        client.await(SessionEvent.Ready.class);
        proxy.apply(Blackhole.BOTH);

        SessionEvent.Lost lost = client.await(SessionEvent.Lost.class);

        assertThat(lost.cause().kind()).isEqualTo(Failure.Kind.PEER_DEAD);
        assertThat(client.await(SessionEvent.Dead.class).message())
                .isEqualTo(lost.cause().message());
        assertThat(lost.cause().message()).containsPattern("no bytes from the peer for [0-9.]+ m?s");
    }

    @Test
    void mayBeToldToReconnectInsideEveryCallback() {
        RecordingListener impatient = new RecordingListener() {
            @Override
            public void onMessage(Session session, Message message) {
                session.reconnectNow();
                super.onMessage(session, message);
            }

            @Override
            public void onEvent(Session session, SessionEvent event) {
                session.reconnectNow();
                super.onEvent(session, event);
            }

            @Override
            public void onClosed(Session session, SessionEvent.Closed closed) {
                session.reconnectNow();
            }
        };
        Session session = opened.connect(builder(), impatient);
        impatient.await(SessionEvent.Ready.class);
        server.session().send("hello");
        assertThat(impatient.next().text()).isEqualTo("hello");
        proxy.apply(new Reset());
        impatient.await(SessionEvent.Reconnected.class);
        session.close();

        Patience.of(session.closed());
        OrderOfEvents.check(impatient.events());
    }

    @Test
    void mayBeClosedInsideACallbackWhileItComesBack() {
        RecordingListener leaving = new RecordingListener() {
            @Override
            public void onEvent(Session session, SessionEvent event) {
                super.onEvent(session, event);
                if (event instanceof SessionEvent.Lost) {
                    session.close();
                }
            }
        };
        Session session = opened.connect(builder(), leaving);
        leaving.await(SessionEvent.Ready.class);
        proxy.apply(new Reset());

        assertThat(Patience.of(session.closed()).cause().kind()).isEqualTo(Failure.Kind.CLOSED_BY_US);
        assertThat(leaving.all(SessionEvent.Reconnected.class)).isEmpty();
        OrderOfEvents.check(leaving.events());
    }
}
