package io.everwire.verification.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** All cases of the Autobahn test suite against the client, by the same golden file as the server's. */
@DisabledIfSystemProperty(
        named = "autobahn.skip",
        matches = "true",
        disabledReason = "left out with -Dautobahn.skip=true")
class AutobahnClientTest {
    /** About half of the time of all cases, for a process of its own. */
    private static final List<String> LARGE_MESSAGES = List.of("9.4.*", "9.5.*", "9.6.*");

    private static final Path DIRECTORY = Path.of(System.getProperty("autobahn.directory", "."));

    @Test
    void clientBehavesInEveryCaseAsTheGoldenFileSays() throws Exception {
        CaseResults expected =
                CaseResults.ofGolden(Repository.resource(AutobahnClientTest.class, "autobahn-expected.txt"));

        assertThat(judgeInTwoParts().differencesFrom(expected)).isEmpty();
    }

    private static CaseResults judgeInTwoParts() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<CaseResults> some = threads.submit(() -> judge("client-large", LARGE_MESSAGES, List.of()));
            Future<CaseResults> others = threads.submit(() -> judge("client-other", List.of("*"), LARGE_MESSAGES));

            return some.get().and(others.get());
        } finally {
            threads.shutdownNow();
        }
    }

    private static CaseResults judge(String name, List<String> cases, List<String> excluded) throws Exception {
        try (FuzzingServer server = new FuzzingServer(DIRECTORY, name, cases, excluded)) {
            return server.judge(new ClientUnderTest());
        }
    }
}
