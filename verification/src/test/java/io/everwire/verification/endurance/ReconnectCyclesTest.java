package io.everwire.verification.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.transport.ClientSession;
import io.everwire.transport.ServerSession;
import io.everwire.verification.conversation.Leaks;
import io.everwire.verification.conversation.Patience;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** However often a client comes back, nothing stays behind: no thread, no descriptor, no byte. */
@Isolated("counts what the process holds")
class ReconnectCyclesTest {
    private static final System.Logger LOG = System.getLogger(ReconnectCyclesTest.class.getName());

    @BeforeEach
    void watch() {
        Assumptions.assumeTrue(Footprint.isMeasurable());
        Leaks.watch();
    }

    @Test
    void leavesNothingBehindInTwoThousandCycles() {
        // Records of events are full at half-time, and what each cycle left behind would show a thousand times.
        run(20, 2_000, 200, 400_000);
    }

    @Test
    @Tag("full")
    void leavesNothingBehindInAHundredThousandCycles() {
        // Between the checkpoints lie 50,000 cycles: less than 16 bytes for each, which is the smallest object.
        run(60, 100_000, 600, 700_000);
    }

    private static void run(int sessions, int cycles, long instancesAllowed, long heapBytesAllowed) {
        long others = Footprint.count(ClientSession.class.getName());
        long begin = System.nanoTime();
        try (Cycles running = new Cycles(sessions)) {
            Footprint atTenth = checkpoint(running, cycles / 10, begin);
            Footprint atHalf = checkpoint(running, cycles / 2, begin);
            Footprint atEnd = checkpoint(running, cycles, begin);

            assertThat(running.attempts()).isGreaterThanOrEqualTo(cycles);
            assertThat(atEnd.growthSince(atHalf, instancesAllowed, heapBytesAllowed))
                    .as("what grew in the second half")
                    .isEmpty();
            assertThat(atEnd.descriptors()).as("descriptors").isLessThanOrEqualTo(atTenth.descriptors());
            assertThat(atEnd.threads())
                    .as("threads")
                    .hasSizeLessThanOrEqualTo(atTenth.threads().size());
        }
        Patience.until("no session is kept", () -> Footprint.count(ClientSession.class.getName()) <= others);
        assertThat(Footprint.count(ServerSession.class.getName()))
                .as("sessions of the server")
                .isZero();
        Leaks.assertNoneAfterCollection();
    }

    private static Footprint checkpoint(Cycles running, int cycles, long beginNanos) {
        running.runUntil(cycles);
        Footprint footprint = Footprint.now();
        LOG.log(
                System.Logger.Level.INFO,
                () -> running.attempts() + " cycles in " + (System.nanoTime() - beginNanos) / 1_000_000 + " ms: "
                        + footprint);
        return footprint;
    }
}
