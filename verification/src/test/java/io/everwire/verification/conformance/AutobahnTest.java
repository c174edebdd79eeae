package io.everwire.verification.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.Repository;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** All cases of the Autobahn test suite against the server, strictly: a tolerated deviation stands in the golden file. */
@DisabledIfSystemProperty(
        named = "autobahn.skip",
        matches = "true",
        disabledReason = "left out with -Dautobahn.skip=true")
class AutobahnTest {
    @Test
    void serverBehavesInEveryCaseAsTheGoldenFileSays() throws Exception {
        CaseResults expected = CaseResults.ofGolden(Repository.resource(AutobahnTest.class, "autobahn-expected.txt"));

        try (ServerUnderTest server = serverUnderTest()) {
            CaseResults found = new Autobahn(Path.of(System.getProperty("autobahn.directory")), server.port()).run();

            assertThat(found.differencesFrom(expected)).isEmpty();
        }
    }

    private static ServerUnderTest serverUnderTest() {
        int port = Integer.getInteger("autobahn.port", 0);
        return port > 0 ? ServerUnderTest.alreadyAt(port) : new EverwireEcho();
    }
}
