package io.everwire.verification.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The Autobahn test suite's fuzzing client, which judges a server.
 *
 * <p>Most of the time goes into Python, so the cases are divided among two processes of about equal length.
 */
final class Autobahn {
    private static final long LONGEST_RUN_MINUTES = 20;
    /** Many small pieces of large messages: half of the cases' time, to be run apart from all others. */
    private static final List<String> LONG_CASES = List.of("9.4.*", "9.5.*", "9.6.*", "9.7.*");

    private final Path directory;
    private final int port;

    /**
     * Prepares a run.
     *
     * @param directory where Maven has put {@code jython.jar} and {@code suite}
     * @param port where the server under test listens on 127.0.0.1
     */
    Autobahn(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    /** Runs all cases and returns what was found. */
    CaseResults run() throws IOException, InterruptedException {
        List<Jython> parts = new ArrayList<>();
        try {
            parts.add(start("long", LONG_CASES, List.of()));
            parts.add(start("other", List.of("*"), LONG_CASES));
            return await(parts.get(0)).and(await(parts.get(1)));
        } finally {
            parts.forEach(Jython::close);
        }
    }

    private Jython start(String name, List<String> cases, List<String> excluded) throws IOException {
        String specification = """
                {"outdir": %%s,
                 "servers": [{"agent": "server", "url": "ws://127.0.0.1:%d/", "options": {"version": 18, "failByDrop": false}}],
                 "cases": %s, "exclude-cases": %s, "exclude-agent-cases": {}}
                """.formatted(port, Jython.list(cases), Jython.list(excluded));
        return Jython.start(directory, name, "fuzzingclient.py", specification);
    }

    private static CaseResults await(Jython part) throws IOException, InterruptedException {
        if (!part.process().waitFor(LONGEST_RUN_MINUTES, TimeUnit.MINUTES)) {
            throw new IllegalStateException(
                    "Autobahn did not end within " + LONGEST_RUN_MINUTES + " minutes; see " + part.log());
        }
        if (part.process().exitValue() != 0) {
            throw new IllegalStateException(
                    "Autobahn ended with exit code " + part.process().exitValue() + "; see " + part.log());
        }
        return part.results();
    }
}
