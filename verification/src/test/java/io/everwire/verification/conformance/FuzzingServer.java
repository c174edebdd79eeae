package io.everwire.verification.conformance;

import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;

/** The Autobahn test suite's fuzzing server, which judges the client that connects, one case a connection. */
final class FuzzingServer implements AutoCloseable {
    private static final Duration LONGEST_START = Duration.ofMinutes(2);
    private static final String AGENT = "client";

    private final Jython jython;
    private final int port;

    /**
     * Starts the server and waits until it listens.
     *
     * @param directory where Maven has put {@code jython.jar} and {@code suite}
     * @param cases the cases it will offer, numbered from 1, less those that are excluded
     */
    FuzzingServer(Path directory, String name, List<String> cases, List<String> excluded) throws IOException {
        Path portFile = directory.resolve(name + ".port");
        Files.deleteIfExists(portFile);
        // Without failByDrop the server says that it fails a connection, so that a case in which it, and not the
        // client,
        // noticed what is wrong is counted against the client.
        jython = Jython.start(
                directory,
                name,
                "fuzzingserver.py",
                """
                {"outdir": %%s, "url": "ws://127.0.0.1", "options": {"failByDrop": false},
                 "cases": %s, "exclude-cases": %s, "exclude-agent-cases": {}}
                """.formatted(Jython.list(cases), Jython.list(excluded)),
                portFile);
        try {
            Awaitility.await("the fuzzing server listens; see " + jython.log())
                    .atMost(LONGEST_START)
                    .until(() -> Files.exists(portFile) || !jython.process().isAlive());
            port = Integer.parseInt(Files.readString(portFile));
        } catch (IOException | RuntimeException | Error e) {
            jython.close();
            throw e;
        }
    }

    /** Runs all cases, one after the other, and returns the verdicts on them. */
    CaseResults judge(ClientUnderTest client) throws IOException {
        int cases = Integer.parseInt(ask("/getCaseCount"));
        for (int number = 1; number <= cases; number++) {
            client.run(url("/runCase?case=" + number + "&agent=" + AGENT));
            // Answered when the verdict is there: a case that overlaps with the next one could be judged by its load.
            ask("/getCaseStatus?case=" + number + "&agent=" + AGENT);
        }
        ask("/updateReports?agent=" + AGENT);
        return jython.results();
    }

    /** Connects to a path that is no case; returns the message that came, if any. */
    private String ask(String path) {
        AtomicReference<String> answer = new AtomicReference<>("");
        SessionEvent.Closed end = ClientUnderTest.converse(url(path), new SessionListener() {
            @Override
            public void onMessage(Session session, Message message) {
                answer.set(message.text());
            }
        });
        if (!end.isClean()) {
            throw new IllegalStateException("the fuzzing server did not answer " + path + ": "
                    + end.cause().message() + "; see " + jython.log());
        }
        return answer.get();
    }

    private String url(String path) {
        return "ws://127.0.0.1:" + port + path;
    }

    @Override
    public void close() {
        jython.close();
    }
}
