package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientTlsTest {
    private static final String TRUST_STORE = "javax.net.ssl.trustStore";

    @TempDir
    private Path directory;

    @AfterEach
    void trustAsBefore() {
        System.clearProperty(TRUST_STORE);
    }

    @Test
    void saysEachTimeThatWhatTheJdkTrustsCannotBeRead() throws IOException {
        Path junk = Files.writeString(directory.resolve("junk.p12"), "no key store");
        System.setProperty(TRUST_STORE, junk.toString());
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(ClientTls::trustingTheJdk)
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining(TRUST_STORE)
                    .hasMessageContaining("cannot be used");
        }
        System.clearProperty(TRUST_STORE);
        assertThat(ClientTls.trustingTheJdk()).isSameAs(ClientTls.trustingTheJdk());
    }
}
