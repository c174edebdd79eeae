package io.everwire.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs every example, and keeps each of them short. */
@Timeout(60)
class ExamplesTest {
    private static final int LONGEST = 60;
    private static final Pattern URL = Pattern.compile("ws://[^ ,]+");

    @Test
    void echoClientIsAnsweredByEchoServer() throws Exception {
        try (RunningExample server = RunningExample.start(EchoServer.class, "0")) {
            Matcher url = URL.matcher(server.awaitLine("listening on"));
            assertThat(url.find()).isTrue();

            try (RunningExample client = RunningExample.start(EchoClient.class, url.group())) {
                client.awaitLine("< hello");
                client.awaitLine("hello: CONFIRMED");
                client.awaitEnd();
            }

            server.endInput();
            server.awaitLine("stopped");
            server.awaitEnd();
        }
    }

    @Test
    void feedLogsInAndSubscribesOnEveryConnection() throws Exception {
        try (RunningExample feed = RunningExample.start(ResubscribingFeed.class)) {
            feed.awaitLine("epoch 1: gold costs");
            feed.awaitLine("epoch 2: gold costs");
            feed.awaitEnd();
        }
    }

    @Test
    void outageIsNoticedByBothEndsAndSurvivedByTheSession() throws Exception {
        try (RunningExample rehearsal = RunningExample.start(OutageRehearsal.class)) {
            rehearsal.awaitLine("the cable is cut");
            rehearsal.awaitLine("the cable is mended");
            rehearsal.awaitLine("client: Reconnected");
            rehearsal.awaitLine("epoch 2 goes on");
            rehearsal.awaitEnd();
        }
    }

    @Test
    void keptSessionGoesOnAfterACut() throws Exception {
        try (RunningExample kept = RunningExample.start(KeptSession.class)) {
            kept.awaitLine("server was given number 1: one");
            kept.awaitLine("client: Suspended");
            kept.awaitLine("client: Resumed");
            kept.awaitLine("two: CONFIRMED");
            kept.awaitEnd();
        }
    }

    @Test
    void everyExampleIsShortSaysWhatItShowsAndIsInTheReadme() throws IOException {
        String readme = Files.readString(Documents.root().resolve("README.md"));
        List<Path> examples = examples();
        assertThat(examples).hasSizeGreaterThanOrEqualTo(5);
        for (Path example : examples) {
            String source = Files.readString(example);
            assertThat(source.lines().count()).as("lines of %s", example).isLessThan(LONGEST);
            assertThat(source).as("what %s shows", example).containsPattern("/\\*\\*\\s+(\\* )?Shows ");
            assertThat(readme).contains(String.valueOf(example.getFileName()));
        }
    }

    private static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.walk(Documents.root().resolve("examples/src/main"))) {
            return files.filter(file -> file.toString().endsWith(".java") && !file.endsWith("package-info.java"))
                    .toList();
        }
    }
}
