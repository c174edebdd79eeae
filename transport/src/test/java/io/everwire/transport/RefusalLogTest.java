package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A flood of strangers is no flood of lines. */
class RefusalLogTest {
    @Test
    void tellsOfTenASecond() {
        RefusalLog log = new RefusalLog(LoggerFactory.getLogger(RefusalLogTest.class));
        long now = RealClock.nanos() + TimeUnit.HOURS.toNanos(1);
        for (int second = 0; second < 3; second++) {
            long then = now + TimeUnit.SECONDS.toNanos(second);
            assertThat(IntStream.range(0, 1_000)
                            .filter(i -> log.mayTell(then + i))
                            .count())
                    .isEqualTo(10);
        }
    }
}
