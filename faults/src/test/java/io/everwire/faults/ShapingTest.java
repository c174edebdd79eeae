package io.everwire.faults;

import static io.everwire.faults.Direction.DOWN;
import static io.everwire.faults.Direction.UP;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The faults that change how bytes arrive, without losing any. */
class ShapingTest {

    @Nested
    class ADelay {

        @Test
        void letsBytesAndTheEndArriveLater() {
            VirtualLink link = new VirtualLink("delay 200ms")
                    .send(UP, "a")
                    .at(100)
                    .send(DOWN, "b")
                    .end(UP)
                    .at(1_000);
            assertThat(link.arrivals()).containsExactly("200 UP a", "300 UP End", "300 DOWN b");
        }

        @Test
        void keepsTheOrderWhateverTheJitter() {
            VirtualLink link = new VirtualLink("delay 100ms jitter 100ms");
            StringBuilder sent = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                String text = i + " ";
                sent.append(text);
                link.send(UP, text).at(i);
            }
            assertThat(link.at(1_000).received(UP)).isEqualTo(sent.toString());
        }

        @Test
        void isTheSameForTheSameSeedAndDiffersForAnother() {
            assertThat(jittered(7)).isEqualTo(jittered(7)).isNotEqualTo(jittered(8));
        }

        @Test
        void staysWithinItsJitterAndIsNeverNegative() {
            Delay delay = (Delay) Fault.parse("delay 20ms jitter 50ms");
            var random = new java.util.SplittableRandom(3);
            for (int i = 0; i < 1_000; i++) {
                assertThat(delay.drawNanos(random)).isBetween(0L, 70_000_000L);
            }
        }

        @Test
        void endsWithTheHealWhichLetsEverythingArriveAtOnce() {
            VirtualLink link = new VirtualLink("delay 1h")
                    .send(UP, "a")
                    .at(10)
                    .apply("heal")
                    .send(UP, "b");
            assertThat(link.arrivals()).containsExactly("10 UP a", "10 UP b");
        }

        @Test
        void keepsManyBytesUnderWaySoThatItIsNoRate() {
            VirtualLink link = new VirtualLink("delay 10s");
            while (link.link().wantsBytes(UP)) {
                link.send(UP, "x".repeat(Flow.READ_BYTES));
            }
            assertThat(link.link().heldBytes()).isEqualTo(Flow.DELAYED_BYTES + Flow.HELD_BYTES);
        }

        private List<String> jittered(long seed) {
            VirtualLink link = new VirtualLink(seed, "delay 100ms jitter 50ms");
            for (int i = 0; i < 20; i++) {
                link.at(i * 200L).send(UP, "a").send(DOWN, "b");
            }
            return link.at(10_000).arrivals();
        }
    }

    @Nested
    class ARate {

        @Test
        void letsSoManyBitsThroughInASecond() {
            VirtualLink link = new VirtualLink("rate 64kbit").send(UP, "x".repeat(24_000));
            assertThat(link.at(1_000).received(UP).length()).isBetween(7_900, 8_100);
            assertThat(link.at(2_000).received(UP).length()).isBetween(15_900, 16_100);
            assertThat(link.at(3_000).received(UP)).hasSize(24_000);
        }

        @Test
        void limitsEachDirectionByItself() {
            VirtualLink link = new VirtualLink("rate 8kbit")
                    .send(UP, "x".repeat(2_000))
                    .send(DOWN, "y".repeat(2_000))
                    .at(1_000);
            assertThat(link.received(UP).length()).isBetween(990, 1_010);
            assertThat(link.received(DOWN).length()).isBetween(990, 1_010);
        }

        @Test
        void savesNothingUpWhileTheLineIsIdle() {
            VirtualLink link = new VirtualLink("rate 8kbit").at(60_000).send(UP, "x".repeat(2_000));
            assertThat(link.at(61_000).received(UP).length()).isBetween(990, 1_010);
        }

        @Test
        void letsTheSlowestLineSendAByteASecond() {
            VirtualLink link = new VirtualLink("rate 8bit").send(UP, "abc").at(10_000);
            assertThat(link.arrivals()).containsExactly("0 UP a", "1000 UP b", "2000 UP c");
        }

        @Test
        void combinesWithADelay() {
            VirtualLink link = new VirtualLink("rate 8bit", "delay 500ms")
                    .send(UP, "ab")
                    .end(UP)
                    .at(10_000);
            assertThat(link.arrivals()).containsExactly("500 UP a", "1500 UP b", "1500 UP End");
        }

        @Test
        void makesTheSenderWaitRatherThanQueueSeconds() {
            VirtualLink link = new VirtualLink("rate 64kbit", "delay 1s");
            while (link.link().wantsBytes(UP)) {
                link.send(UP, "x".repeat(1_000));
            }
            assertThat(link.link().heldBytes()).isBetween(8_000L + Flow.HELD_BYTES, 9_000L + Flow.HELD_BYTES);
        }
    }

    @Nested
    class ASlice {

        @Test
        void makesEveryPieceSmall() {
            VirtualLink link = new VirtualLink("slice 2").send(UP, "abcde").send(DOWN, "xyz");
            assertThat(link.arrivals())
                    .containsExactlyInAnyOrder("0 UP ab", "0 UP cd", "0 UP e", "0 DOWN xy", "0 DOWN z");
        }
    }

    @Nested
    class ACut {

        @Test
        void abortsBothSidesAfterExactlySoManyBytesOfBothDirections() {
            VirtualLink link = new VirtualLink("cut-after 10").send(UP, "1234").send(DOWN, "12345678");
            assertThat(link.arrivals())
                    .containsExactlyInAnyOrder("0 UP 1234", "0 DOWN 123456", "0 UP Abort", "0 DOWN Abort");
        }

        @Test
        void countsOneDirectionAlone() {
            VirtualLink link =
                    new VirtualLink("cut-after 3 down").send(UP, "12345678").send(DOWN, "abcd");
            assertThat(link.arrivals())
                    .containsExactlyInAnyOrder("0 UP 12345678", "0 DOWN abc", "0 UP Abort", "0 DOWN Abort");
        }

        @Test
        void endsSilentlyBothWaysUntilTheHeal() {
            VirtualLink link =
                    new VirtualLink("cut-after 3 up silent").send(UP, "abcd").send(DOWN, "12");
            assertThat(link.arrivals()).containsExactly("0 UP abc");
            link.apply("heal").at(10_000);
            assertThat(link.received(UP)).isEqualTo("abcd");
            assertThat(link.received(DOWN)).isEqualTo("12");
        }

        @Test
        void countsFromNowOnAConnectionThatIsOpen() {
            VirtualLink link = new VirtualLink()
                    .send(UP, "long before")
                    .apply("cut-after 3")
                    .send(UP, "abcd");
            assertThat(link.received(UP)).isEqualTo("long beforeabc");
        }

        @Test
        void isForgottenAfterTheHeal() {
            VirtualLink link =
                    new VirtualLink("cut-after 3").send(UP, "ab").apply("heal").send(UP, "cdef");
            assertThat(link.received(UP)).isEqualTo("abcdef");
        }
    }

    @Nested
    class AReset {

        @Test
        void abortsBothSidesAndDropsWhatWasUnderWay() {
            VirtualLink link = new VirtualLink("delay 1s")
                    .send(UP, "a")
                    .apply("reset")
                    .send(UP, "b")
                    .at(5_000);
            assertThat(link.arrivals()).containsExactlyInAnyOrder("0 UP Abort", "0 DOWN Abort");
        }
    }

    @Nested
    class AMutedUpgrade {

        @Test
        void isHeardButNotAnsweredBeforeTheHeal() {
            VirtualLink link = new VirtualLink("mute-upgrade")
                    .send(UP, "GET /")
                    .send(DOWN, "101")
                    .end(DOWN)
                    .at(5_000)
                    .apply("heal")
                    .at(6_000);
            assertThat(link.arrivals()).containsExactly("0 UP GET /", "5000 DOWN 101", "5000 DOWN End");
        }

        @Test
        void concernsOnlyConnectionsMadeWhileItIsActive() {
            VirtualLink link = new VirtualLink().apply("mute-upgrade").send(DOWN, "101");
            assertThat(link.arrivals()).containsExactly("0 DOWN 101");
        }
    }

    @Nested
    class NoFault {

        @Test
        void passesEverythingInOrderAtOnce() {
            VirtualLink link = new VirtualLink()
                    .send(UP, "a")
                    .send(DOWN, "b")
                    .end(UP)
                    .send(DOWN, "c")
                    .abort(DOWN);
            assertThat(link.arrivals()).containsExactly("0 UP a", "0 DOWN b", "0 UP End", "0 DOWN c", "0 DOWN Abort");
            assertThat(link.link().heldBytes()).isZero();
        }
    }
}
