package io.everwire.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** An unfinished message may be slow, but not stand still. */
class MessageClockTest {
    private static final long LIMIT = 30 * Nanos.SECOND;
    private static final boolean UNFINISHED = true;
    private static final boolean BETWEEN_MESSAGES = false;

    /** An origin at which the clock overflows soon: instants are compared by subtraction, or this fails. */
    private long now = Long.MAX_VALUE - 3 * LIMIT / 2;

    private final MessageClock clock = new MessageClock(Duration.ofSeconds(30));

    private void pass(long nanos) {
        now += nanos;
    }

    private void assertGranted(long nanos) {
        assertThat(clock.deadlineNanos() - now).isEqualTo(nanos);
        assertThat(clock.verdict(now)).isNull();
        assertThat(clock.verdict(now + nanos - 1)).isNull();
        assertThat(clock.verdict(now + nanos)).isNotNull();
    }

    private void assertSilent() {
        assertThat(clock.deadlineNanos()).isEqualTo(Engine.NO_DEADLINE);
        assertThat(clock.verdict(now + 1_000 * LIMIT)).isNull();
    }

    @Test
    @DisplayName("FRAG-03: a message that stands still")
    void failsAMessageThatGetsNoByteForTheTimeout() {
        clock.handleRead(UNFINISHED, 5, now);
        assertGranted(LIMIT);
        pass(LIMIT + 60 * Nanos.MILLI);

        CloseStatus verdict = clock.verdict(now);

        assertThat(verdict)
                .isEqualTo(
                        new CloseStatus(
                                CloseCode.POLICY_VIOLATION,
                                "no byte of an unfinished message for 30.1 s (limit 30 s); finish it, or raise Limits.messageTimeout"));
    }

    @Test
    @DisplayName("FRAG-03: control frames in between")
    void takesNoControlFrameForProgress() {
        clock.handleRead(UNFINISHED, 5, now);
        for (int second = 0; second < 30; second++) {
            assertThat(clock.verdict(now)).isNull();
            pass(Nanos.SECOND);
            clock.handleRead(UNFINISHED, 5, now);
        }
        assertThat(clock.verdict(now)).isNotNull();
    }

    @Test
    void neverHitsAMessageOfOneMebibyteAt64KilobitsASecond() {
        // 8,000 bytes a second, in segments, and in TLS by whole records.
        for (int piece : new int[] {1, 1_448, 16 << 10}) {
            for (long bytes = 1; bytes < 1 << 20; bytes += piece) {
                clock.handleRead(UNFINISHED, bytes, now);
                pass(piece * Nanos.SECOND / 8_000);
                assertThat(clock.verdict(now)).isNull();
            }
            clock.handleRead(BETWEEN_MESSAGES, 1 << 20, now);
            assertSilent();
        }
    }

    @Test
    void isContentWithOneByteInTime() {
        for (int bytes = 1; bytes < 1_000; bytes++) {
            clock.handleRead(UNFINISHED, bytes, now);
            pass(LIMIT - 1);
            assertThat(clock.verdict(now)).isNull();
        }
    }

    @Test
    void saysNothingBetweenMessages() {
        clock.handleRead(BETWEEN_MESSAGES, 0, now);
        assertSilent();
        clock.handleRead(UNFINISHED, 7, now);
        pass(LIMIT);
        clock.handleRead(BETWEEN_MESSAGES, 9, now);
        assertSilent();
    }

    @Test
    void grantsTheNextMessageItsWholeTime() {
        clock.handleRead(UNFINISHED, 7, now);
        pass(LIMIT - 1);
        // One read ended a message and began another.
        clock.handleRead(UNFINISHED, 14, now);
        assertGranted(LIMIT);
    }

    @Test
    void readsWhatIsReadableBeforeTheVerdict() {
        clock.handleRead(UNFINISHED, 7, now);
        pass(LIMIT + Nanos.SECOND);
        assertThat(clock.verdict(now)).isNotNull();
        // What the verdict has made us read.
        clock.handleRead(UNFINISHED, 8, now);
        assertGranted(LIMIT);
    }

    @Test
    void standsStillWhileWeDoNotReadAndGrantsTheWholeTimeAfterIt() {
        clock.handleRead(UNFINISHED, 7, now);
        pass(LIMIT - 1);
        clock.handleReadSuspended();
        // The rest of the read in which the application paused.
        clock.handleRead(UNFINISHED, 7, now);
        assertSilent();
        pass(10 * LIMIT);
        clock.handleReadResumed(now);
        assertGranted(LIMIT);
    }

    @Test
    void grantsNothingWhenReadingWasNotSuspended() {
        clock.handleRead(UNFINISHED, 7, now);
        pass(Nanos.SECOND);
        clock.handleReadResumed(now);
        assertGranted(LIMIT - Nanos.SECOND);
    }

    @Test
    void saysNothingAfterAPauseBetweenMessages() {
        clock.handleReadSuspended();
        pass(LIMIT);
        clock.handleReadResumed(now);
        assertSilent();
    }

    @Test
    void doesNotCountOurOwnStalls() {
        clock.handleRead(UNFINISHED, 7, now);
        pass(LIMIT - 1);
        pass(3 * LIMIT);
        clock.handleStall(3 * LIMIT, now);
        assertGranted(1);
        // A stall that began before the message's last byte ends with it.
        clock.handleRead(UNFINISHED, 8, now);
        pass(Nanos.SECOND);
        clock.handleStall(5 * Nanos.SECOND, now);
        assertGranted(LIMIT);
    }
}
