package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two terminals whose session outlives what happens to either. */
class SessionsTest {
    private static boolean is(String line, String event) {
        return line.startsWith("{\"event\":\"" + event + "\"");
    }

    private static String[] serve(int port, String... more) {
        return join(Stream.of("serve", "--port", Integer.toString(port), "--events", "json", "--sessions"), more);
    }

    private static String[] connect(int port, String... more) {
        return join(Stream.of("connect", "ws://127.0.0.1:" + port + "/", "--events", "json", "--sessions"), more);
    }

    private static String[] join(Stream<String> first, String... more) {
        return Stream.concat(first, Stream.of(more)).toArray(String[]::new);
    }

    private static int freePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String sessionOf(String open) {
        return open.replaceAll(".*\"session\":\"([^\"]*)\".*", "$1");
    }

    @Nested
    class ACutCable {
        @Test
        void losesAndDoublesNothing() {
            try (Run server = Run.of(serve(0, "--ping-interval", "300ms", "--ping-timeout", "700ms"));
                    Run proxy =
                            Run.of("proxy", "--listen", "0", "--to", "127.0.0.1:" + server.port(), "--events", "json");
                    Run client = Run.of(connect(proxy.port(), "--ping-interval", "300ms", "--ping-timeout", "700ms"))) {
                String open = client.err().await(line -> is(line, "open"));
                assertThat(sessionOf(open))
                        .hasSize(22)
                        .isEqualTo(sessionOf(server.out().await(line -> is(line, "open"))));
                client.type("before").out().await(line -> line.equals("before"));
                proxy.type("blackhole").out().await(line -> is(line, "fault"));
                client.type("into the dark");
                assertThat(client.err().await(line -> is(line, "suspended"))).contains("\"epoch\":1,\"code\":1006");
                assertThat(server.out().await(line -> is(line, "suspended"))).contains("\"epoch\":1,\"code\":1006");
                client.type("meanwhile");
                proxy.type("heal");
                assertThat(client.err().await(line -> is(line, "reconnected")))
                        .contains("\"epoch\":2,\"outageMs\":")
                        .contains("\"resumed\":true,\"replayedIn\":0,\"replayedOut\":1");
                assertThat(server.out().await(line -> is(line, "resumed")))
                        .contains("\"resumed\":true,\"replayedIn\":1,\"replayedOut\":0");
                client.type("after").endOfInput();

                assertThat(client.exitCode()).isZero();
                assertThat(client.out().list()).containsExactly("before", "into the dark", "meanwhile", "after");
                assertThat(client.err().await(line -> is(line, "ended")))
                        .contains("\"sent\":4,\"confirmed\":4,\"unknown\":0,\"notSent\":0,\"received\":4");
                assertThat(server.out().await(line -> is(line, "closed"))).contains("\"code\":1000");
                assertThat(server.out().awaitMany(line -> is(line, "open"), 1)).hasSize(1);
            }
        }

        @Test
        void readsLikeAConversationForAPerson() {
            try (Run server = Run.of("serve", "--port", "0", "--sessions", "--session-ttl", "90s")) {
                String listening = server.out().await(line -> line.startsWith("listening on"));
                assertThat(listening).contains("sessions kept for 90 s in memory");
                String port = listening.replaceAll(".*127.0.0.1:(\\d+)/.*", "$1");
                try (Run proxy = Run.of("proxy", "--listen", "0", "--to", port, "--events", "json")) {
                    String url = "ws://127.0.0.1:" + proxy.port() + "/";
                    Run client = Run.of("connect", url, "--sessions");
                    client.err().await(line -> line.equals("= connected to " + url + "; a new session"));
                    server.out().await(line -> line.contains(" open from 127.0.0.1:"));
                    proxy.type("reset");
                    client.err().await(line -> line.startsWith("x ") && line.endsWith("; the session is kept"));
                    server.out().await(line -> line.contains(" suspended: ") && line.endsWith(", 0 now"));
                    proxy.type("heal");
                    client.err()
                            .await(line -> line.startsWith("= back after ")
                                    && line.endsWith("connection 2; the session goes on, replayed 0 in, 0 out"));
                    server.out()
                            .await(line -> line.contains(" resumed from 127.0.0.1:")
                                    && line.endsWith(", replayed 0 in, 0 out, 1 now"));
                    assertThat(client.endOfInput().exitCode()).isZero();
                    server.out().await(line -> line.contains(" closed 1000") && line.endsWith(", 0 now"));
                }
            }
        }
    }

    @Nested
    class AKilledServer {
        @Test
        void losesNoLineOfItsClientWhenTheStoreIsADirectory(@TempDir Path directory) {
            int port = freePort();
            String[] serve = serve(port, "--store", "file:" + directory.resolve("made/anew"));
            List<String> typed = new ArrayList<>();
            try (Run client = Run.of(connect(port, "--backoff", "50ms"))) {
                for (int life = 1; life <= 3; life++) {
                    try (KillableRun server = KillableRun.of(serve)) {
                        assertThat(server.out().port()).isEqualTo(port);
                        if (life > 1) {
                            client.err().awaitMany(line -> is(line, "reconnected"), life - 1);
                        }
                        type(client, typed, 300);
                        client.out().await(line -> line.equals(typed.get(typed.size() - 250)));
                        // Killed while lines are on their way in both directions.
                        server.kill();
                    }
                    type(client, typed, 100);
                }
                try (KillableRun server = KillableRun.of(serve)) {
                    client.endOfInput();

                    assertThat(client.exitCode()).isZero();
                    assertThat(server.err().list()).isEmpty();
                }
                // Whose handling was not committed is handled, and echoed, once more: an echo counts by its number.
                assertThat(client.out().list().stream().distinct()).containsExactlyElementsOf(typed);
                assertThat(client.err().awaitMany(line -> is(line, "reconnected"), 3))
                        .allMatch(line -> line.contains("\"resumed\":true"));
                assertThat(client.err().list()).noneMatch(line -> is(line, "session-lost"));
                assertThat(client.err().await(line -> is(line, "ended")))
                        .contains("\"sent\":1200,\"confirmed\":1200,\"unknown\":0,\"notSent\":0");
            }
        }

        private static void type(Run client, List<String> typed, int count) {
            for (int i = 0; i < count; i++) {
                String line = "line " + typed.size();
                typed.add(line);
                client.type(line);
            }
        }

        @Test
        void losesTheSessionAndSaysSoWhenTheStoreIsMemory() {
            int port = freePort();
            try (Run client = Run.of(connect(port, "--backoff", "50ms"))) {
                try (KillableRun server = KillableRun.of(serve(port))) {
                    client.err().await(line -> is(line, "open"));
                    client.type("one").out().await(line -> line.equals("one"));
                    server.kill();
                }
                client.type("two");
                try (KillableRun server = KillableRun.of(serve(port))) {
                    assertThat(client.err().await(line -> is(line, "session-lost")))
                            .contains("\"reason\":\"unknown\",\"delivered\":")
                            .contains("\"received\":1");
                    assertThat(client.err().await(line -> is(line, "reconnected")))
                            .contains("\"resumed\":false");
                    assertThat(server.out().await(line -> is(line, "open"))).contains("\"session\":\"");
                    client.type("three").out().await(line -> line.equals("three"));
                }
            }
        }
    }

    @Test
    void aBroadcastReachesASessionThatOutlivedTheServer(@TempDir Path directory) {
        int port = freePort();
        String[] serve = serve(port, "--mode", "broadcast", "--store", "file:" + directory);
        try (Run client = Run.of(connect(port, "--backoff", "50ms"))) {
            try (KillableRun server = KillableRun.of(serve)) {
                client.err().await(line -> is(line, "open"));
                client.type("one").out().await(line -> line.equals("one"));
                server.kill();
            }
            try (KillableRun server = KillableRun.of(serve)) {
                server.out().await(line -> is(line, "resumed"));
                client.type("two").out().await(line -> line.equals("two"));
            }
        }
    }

    @Test
    void aStoppedServerGoesOnWithItsSessionsWhenItIsStartedAgain(@TempDir Path directory) {
        int port = freePort();
        String[] serve = serve(port, "--store", "file:" + directory, "--drain-window", "200ms");
        try (Run client = Run.of(connect(port, "--backoff", "50ms"))) {
            try (KillableRun server = KillableRun.of(serve)) {
                client.err().await(line -> is(line, "open"));
                client.type("one").out().await(line -> line.equals("one"));
                assertThat(server.terminate()).isZero();
                assertThat(client.err().await(line -> is(line, "suspended"))).contains("\"code\":1012");
            }
            client.type("two");
            try (KillableRun server = KillableRun.of(serve)) {
                assertThat(client.err().await(line -> is(line, "reconnected"))).contains("\"resumed\":true");
                client.type("three").endOfInput();
                assertThat(client.exitCode()).isZero();
                assertThat(client.out().list()).containsExactly("one", "two", "three");
                assertThat(server.out().await(line -> is(line, "closed"))).contains("\"code\":1000");
            }
        }
    }

    @Test
    void aKilledClientIsReportedWithItsWatermarkWhenItsTimeIsOver() {
        try (Run server = Run.of(serve(0, "--session-ttl", "1s"));
                KillableRun client = KillableRun.of(connect(server.port()))) {
            client.type("one").type("two").out().await(line -> line.equals("two"));
            client.kill();

            server.out().await(line -> is(line, "suspended"));
            assertThat(server.out().await(line -> is(line, "session-lost")))
                    .contains("\"reason\":\"expired\",\"delivered\":")
                    .containsPattern("\"delivered\":[012],\"unknown\":[012],\"undelivered\":0,\"received\":2");
            server.out().await(line -> is(line, "closed"));
        }
    }

    @Test
    void aServerThatKeepsNoneIsTalkedToAsEver() {
        try (Run server = Run.of("serve", "--port", "0", "--events", "json")) {
            String url = "ws://127.0.0.1:" + server.port() + "/";
            try (Run client = Run.of("connect", url, "--sessions")) {
                client.type("one").endOfInput();

                assertThat(client.exitCode()).isZero();
                assertThat(client.out().list()).containsExactly("one");
                assertThat(client.err().list())
                        .containsExactly(
                                "= connected to " + url + "; the server keeps no sessions",
                                "= closed, 1 sent, 1 received");
            }
            assertThat(server.out().await(line -> is(line, "open"))).doesNotContain("\"session\"");
        }
    }

    @Nested
    class ADirectory {
        @Test
        void belongsToOneServer(@TempDir Path directory) {
            try (KillableRun first = KillableRun.of(serve(0, "--store", "file:" + directory))) {
                first.out().port();
                assertFails(directory, directory.toString());
            }
        }

        @Test
        void thatIsDamagedIsRefused(@TempDir Path directory) throws IOException {
            try (Run server = Run.of(serve(0, "--store", "file:" + directory))) {
                server.port();
            }
            Path journal = directory.resolve("journal");
            assertThat(journal).exists();
            Files.writeString(journal, "what is this?".repeat(100));

            assertFails(directory, "restore " + directory + " from a copy");
        }

        @Test
        void cannotBeAFile(@TempDir Path directory) throws IOException {
            Path file = Files.writeString(directory.resolve("file"), "no directory");

            assertFails(file, file.toString());
        }

        private static void assertFails(Path directory, String sentence) {
            try (Run server = Run.of(serve(0, "--store", "file:" + directory))) {
                assertThat(server.exitCode()).isEqualTo(1);
                assertThat(server.err().list())
                        .singleElement()
                        .asString()
                        .startsWith("everwire: ")
                        .contains(sentence)
                        .doesNotContain("internal error");
            }
        }
    }
}
