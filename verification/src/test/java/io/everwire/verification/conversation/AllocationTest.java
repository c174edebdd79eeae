package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The borrowed style allocates nothing per message. Measured in a JVM of its own, without leak detection. */
class AllocationTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @Test
    void allocatesNothingPerMessageInTheBorrowedStyle() throws Exception {
        Path result = directory.resolve("result");
        Path log = directory.resolve("log");
        Process measuring = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Dio.netty.leakDetection.level=disabled",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        BorrowedRoundTrips.class.getName(),
                        result.toString()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(measuring.waitFor(60, TimeUnit.SECONDS)).as("ended").isTrue();
            assertThat(measuring.exitValue()).as(Files.readString(log)).isZero();
        } finally {
            measuring.destroyForcibly();
        }
        // Both event loops together; a wheel and its tasks tick along, some hundred bytes a second.
        double bytesPerRoundTrip = Double.parseDouble(Files.readString(result));
        assertThat(bytesPerRoundTrip).isBetween(0.0, 8.0);
    }
}
