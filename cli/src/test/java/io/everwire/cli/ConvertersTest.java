package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.Backoff;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ConvertersTest {
    @Nested
    class Durations {
        private final DurationConverter converter = new DurationConverter();

        @ParameterizedTest
        @CsvSource({"200ms,200", "5s,5000", "1m,60000", "2h,7200000", "1.5s,1500", "0s,0", "0.5m,30000"})
        void haveAUnit(String text, long millis) {
            assertThat(converter.convert(text)).isEqualTo(Duration.ofMillis(millis));
        }

        @ParameterizedTest
        @ValueSource(strings = {"5", "", "s", "-5s", "5 s", "5S", "5sec", "1d", "1.s", ".5s", "٥s", "9999999999999s"})
        void areRefusedOtherwise(String text) {
            assertThatThrownBy(() -> converter.convert(text))
                    .isInstanceOf(TypeConversionException.class)
                    .hasMessageContaining("'" + text + "' is not a duration; write a number with its unit");
        }

        @Test
        void areAtMostAYear() {
            assertThatThrownBy(() -> converter.convert("9000h")).hasMessageContaining("longer than a year");
        }
    }

    @Nested
    class Backoffs {
        private final BackoffConverter converter = new BackoffConverter();

        @Test
        void areFixedOrAutomatic() {
            assertThat(converter.convert("auto")).isEqualTo(Backoff.AUTO);
            assertThat(converter.convert("5s")).isEqualTo(Backoff.fixed(Duration.ofSeconds(5)));
        }

        @Test
        void areRefusedOtherwise() {
            assertThatThrownBy(() -> converter.convert("never")).hasMessageContaining("write auto, or a fixed delay");
            assertThatThrownBy(() -> converter.convert("10ms")).hasMessageContaining("shortest fixed delay is 50ms");
        }
    }

    @Nested
    class HostsAndPorts {
        private final HostPort.Converter converter = new HostPort.Converter();

        @Test
        void haveAHostOrNone() {
            assertThat(converter.convert("9100")).isEqualTo(new HostPort("127.0.0.1", 9100));
            assertThat(converter.convert("example.org:80")).isEqualTo(new HostPort("example.org", 80));
            assertThat(converter.convert("[::1]:9000")).isEqualTo(new HostPort("::1", 9000));
        }

        @Test
        void areWrittenAsTheyAreRead() {
            assertThat(new HostPort("::1", 9000)).hasToString("[::1]:9000");
            assertThat(new HostPort("127.0.0.1", 9000)).hasToString("127.0.0.1:9000");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "host", "host:", ":9000", "host:65536", "::1:9000", "host:-1", "host:123456"})
        void areRefusedOtherwise(String text) {
            assertThatThrownBy(() -> converter.convert(text)).hasMessageContaining("is no [host:]port");
        }
    }

    @Test
    void readAStoreWhoseDirectoryMayBeAtHome() {
        ServeSessions.StoreConverter stores = new ServeSessions.StoreConverter();
        Path home = Path.of(System.getProperty("user.home"));

        assertThat(stores.convert("memory").directory()).isNull();
        assertThat(stores.convert("file:a/~b").directory()).isEqualTo(Path.of("a/~b"));
        assertThat(stores.convert("file:~/kept").directory()).isEqualTo(home.resolve("kept"));
    }
}
