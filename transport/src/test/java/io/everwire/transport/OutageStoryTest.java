package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseStatus;
import io.everwire.Failure;
import io.everwire.Handshake;
import io.everwire.LossReason;
import io.everwire.SessionEvent;
import io.everwire.SessionLoss;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The story of an outage, in the order in which a person asks. */
class OutageStoryTest {
    private static final long BEGIN = Instant.parse("2026-11-23T00:00:00Z").toEpochMilli();
    private static final Handshake HANDSHAKE =
            new Handshake("/", "", Map.of(), InetSocketAddress.createUnresolved("example.com", 80), null);
    private static final Failure DEAD = Failure.of(Failure.Kind.PEER_DEAD, "no bytes from the peer for 7.0 s");
    private static final SessionEvent.Lost LOST =
            new SessionEvent.Lost(3, DEAD, new SessionEvent.Gap(3, Duration.ofSeconds(7), 5));

    private long now = BEGIN;

    private static SessionEvent.Dead verdict(int epoch, boolean grace) {
        return new SessionEvent.Dead(epoch, Duration.ofSeconds(7), "ping-timeout", grace, DEAD.message());
    }

    private static SessionEvent.Waiting waiting(Failure failure, long millis) {
        return new SessionEvent.Waiting(3, 1, Duration.ofMillis(millis), failure);
    }

    private void tell(OutageStory story, SessionEvent... events) {
        for (SessionEvent event : events) {
            now += 1_000;
            story.handle(event, now);
        }
    }

    @Test
    void tellsEverythingInTenLines() {
        OutageStory story = new OutageStory(BEGIN, LOST, verdict(3, true));
        tell(story, waiting(DEAD, 120), new SessionEvent.Connecting(3, 1));
        for (int i = 0; i < 12; i++) {
            story.handleDial();
        }
        Failure refused = Failure.of(Failure.Kind.REFUSED, "the port refused the connection");
        story.handleDialFailed(refused);
        tell(story, waiting(refused, 700), new SessionEvent.Connecting(3, 2));
        story.handleDial();
        Failure login = Failure.of(Failure.Kind.READY, "onReady failed:\nno such user");
        tell(story, new SessionEvent.Open(4, HANDSHAKE));
        tell(story, new SessionEvent.Lost(4, login, new SessionEvent.Gap(4, Duration.ZERO, 1)), waiting(login, 200));
        story.handleDial();
        tell(story, new SessionEvent.Open(5, HANDSHAKE), new SessionEvent.Ready(5));
        tell(story, new SessionEvent.Reconnected(5, Duration.ofMillis(8_949), LOST.gap()));

        List<String> lines = story.lines(now);

        assertThat(lines)
                .containsExactly(
                        "the last outage:",
                        "  lost      2026-11-23T00:00:00Z  connection 3, peer-dead",
                        "  because   no bytes from the peer for 7.0 s",
                        "  silent    the peer was not heard for 7.0 s; judged by ping-timeout, after a grace for a stall of our own",
                        "  in doubt  5 messages, written and never confirmed",
                        "  dialed    14 times: 11 without an answer, 1 failed, 2 opened",
                        "  reasons   1 refused, 1 ready; the last: onReady failed:?no such user",
                        "  waited    0.7 s at most between attempts",
                        "  between   1 time lost again before ready, 1 more in doubt",
                        "  back      2026-11-23T00:00:10Z  connection 5, after 8.9 s");
    }

    @Test
    void saysThatItIsNotOverYet() {
        OutageStory story = new OutageStory(BEGIN, LOST, verdict(2, false));
        story.handleDial();

        assertThat(story.lines(BEGIN + 61_500))
                .contains("  silent    the peer was not heard for 7.0 s")
                .contains("  dialed    1 time: 1 without an answer, 0 failed, 0 opened")
                .endsWith("  now       not connected for 61.5 s");
    }

    @Test
    void saysHowItEndedForGood() {
        OutageStory story = new OutageStory(BEGIN, LOST, null);
        Failure gone = Failure.ofHttpStatus(410, "the server answered 410 Gone", null);
        story.handleDial();
        story.handleDialFailed(gone);
        tell(story, new SessionEvent.Closed(3, new CloseStatus(1006, ""), false, gone));

        assertThat(story.lines(now))
                .contains("  reasons   1 http-status; the last: the server answered 410 Gone")
                .endsWith("  ended     2026-11-23T00:00:01Z  for good, after 1.0 s, with 1006");
    }

    @Test
    void tellsOfASessionThatWasResumed() {
        SessionEvent.Suspended suspended = new SessionEvent.Suspended(3, DEAD);
        OutageStory story = new OutageStory(BEGIN, suspended, verdict(3, false));
        tell(story, waiting(DEAD, 120), new SessionEvent.Connecting(3, 1));
        story.handleDial();
        story.handleDial();
        tell(story, new SessionEvent.Resumed(4, Duration.ofMillis(2_040), 7, 3));
        tell(story, new SessionEvent.Suspended(4, DEAD));

        assertThat(story.lines(now))
                .containsExactly(
                        "the last outage:",
                        "  lost      2026-11-23T00:00:00Z  connection 3, peer-dead",
                        "  because   no bytes from the peer for 7.0 s",
                        "  kept      the session waits for its next connection; judged by ping-timeout",
                        "  dialed    2 times: 1 without an answer, 0 failed, 1 opened",
                        "  waited    0.1 s at most between attempts",
                        "  resumed   2026-11-23T00:00:03Z  connection 4, after 2.0 s, sent again 7 in, 3 out");
    }

    @Test
    void tellsOfASessionThatWasLostInNoMoreThanTenLines() {
        OutageStory story = new OutageStory(BEGIN, new SessionEvent.Suspended(3, DEAD), verdict(3, true));
        Failure refused = Failure.of(Failure.Kind.REFUSED, "the port refused the connection");
        story.handleDial();
        story.handleDialFailed(refused);
        tell(story, waiting(refused, 700));
        story.handleDial();
        SessionEvent.Gap gap = new SessionEvent.Gap(4, Duration.ZERO, 0);
        tell(story, new SessionEvent.SessionLost(3, new SessionLoss(LossReason.EXPIRED, 5, 2, 1, 9)));
        tell(story, new SessionEvent.Open(4, HANDSHAKE), new SessionEvent.Lost(4, DEAD, gap), waiting(DEAD, 90));
        story.handleDial();
        tell(story, new SessionEvent.Open(5, HANDSHAKE), new SessionEvent.Ready(5));

        assertThat(story.lines(now))
                .hasSizeLessThanOrEqualTo(10)
                .contains("  session   lost (expired): 5 delivered, 2 unknown, 1 not delivered")
                .endsWith("  ready     2026-11-23T00:00:07Z  connection 5, after 7.0 s");
    }

    @Test
    void tellsAServerNothingOfDialing() {
        OutageStory story = new OutageStory(BEGIN, new SessionEvent.Suspended(3, DEAD), null);
        tell(story, new SessionEvent.Resumed(4, Duration.ofSeconds(1), 0, 0));

        assertThat(story.lines(now)).hasSize(5).noneMatch(line -> line.contains("dialed"));
    }

    @Test
    void addsNothingAfterItsEnd() {
        OutageStory story = new OutageStory(BEGIN, LOST, null);
        story.handleDial();
        tell(story, new SessionEvent.Open(4, HANDSHAKE), new SessionEvent.Ready(4));
        List<String> before = story.lines(now);
        story.handleDial();
        story.handleDialFailed(Failure.of(Failure.Kind.REFUSED, "late"));
        tell(story, new SessionEvent.Closed(4, CloseStatus.NORMAL, true, DEAD));

        assertThat(story.lines(now)).isEqualTo(before);
    }

    @Test
    void isNotWorthTellingWhenTheFirstConnectionCameAtOnce() {
        OutageStory story = new OutageStory(BEGIN, null, null);
        assertThat(story.isWorthTelling()).isTrue();
        story.handleDial();
        tell(story, new SessionEvent.Open(1, HANDSHAKE), new SessionEvent.Ready(1));
        assertThat(story.isWorthTelling()).isFalse();
    }

    @Test
    void tellsOfALongWayToTheFirstConnection() {
        OutageStory story = new OutageStory(BEGIN, null, null);
        story.handleDial();
        Failure refused = Failure.of(Failure.Kind.REFUSED, "the port refused the connection");
        story.handleDialFailed(refused);
        tell(story, waiting(refused, 80));
        story.handleDial();
        tell(story, new SessionEvent.Open(1, HANDSHAKE), new SessionEvent.Ready(1));

        assertThat(story.isWorthTelling()).isTrue();
        assertThat(story.lines(now))
                .containsExactly(
                        "the way to the first connection:",
                        "  begun     2026-11-23T00:00:00Z",
                        "  dialed    2 times: 0 without an answer, 1 failed, 1 opened",
                        "  reasons   1 refused; the last: the port refused the connection",
                        "  waited    0.1 s at most between attempts",
                        "  ready     2026-11-23T00:00:03Z  connection 1, after 3.0 s");
    }
}
