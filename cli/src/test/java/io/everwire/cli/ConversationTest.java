package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Commands that talk to each other. */
class ConversationTest {
    private static Run serve(String... more) {
        return serveOn(0, more);
    }

    private static Run serveOn(int port, String... more) {
        return run(List.of("serve", "--port", Integer.toString(port), "--events", "json"), more);
    }

    private static Run connect(int port, String... more) {
        return run(List.of("connect", "ws://127.0.0.1:" + port + "/", "--events", "json"), more);
    }

    private static Run run(List<String> first, String... more) {
        return Run.of(Stream.concat(first.stream(), Stream.of(more)).toArray(String[]::new));
    }

    private static int freePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean is(String line, String event) {
        return line.startsWith("{\"event\":\"" + event + "\"");
    }

    @Nested
    class Echo {
        @Test
        void comesBackLineByLineAndExitsZeroWhenAllIsConfirmed() {
            try (Run server = serve();
                    Run client = connect(server.port())) {
                List<String> lines =
                        IntStream.range(0, 2_500).mapToObj(i -> "line " + i).toList();
                lines.forEach(client::type);
                client.type("grüße 🔌").type("").endOfInput();

                assertThat(client.exitCode()).isZero();
                assertThat(client.out().list())
                        .hasSize(2_502)
                        .startsWith(lines.toArray(String[]::new))
                        .endsWith("grüße 🔌", "");
                assertThat(client.err().list().get(0))
                        .startsWith("{\"event\":\"open\",\"id\":\"")
                        .contains("\"epoch\":1,\"resumed\":false,\"url\":\"ws://127.0.0.1:" + server.port() + "/\"");
                assertThat(client.err().list().get(client.err().list().size() - 1))
                        .startsWith("{\"event\":\"ended\"")
                        .contains("\"code\":1000")
                        .contains("\"sent\":2502,\"confirmed\":2502,\"unknown\":0,\"notSent\":0,\"received\":2502")
                        .contains("\"exit\":0");
                assertThat(server.out().await(line -> is(line, "closed")))
                        .contains("\"code\":1000")
                        .contains("\"clean\":true");
            }
        }

        @Test
        void isCompressedWhereBothEndsWantIt() {
            try (Run server = serve("--compression");
                    Run client = connect(server.port(), "--compression");
                    Run plain = connect(server.port())) {
                client.type("long enough ".repeat(100)).endOfInput();
                plain.type("plain").endOfInput();

                assertThat(client.exitCode()).isZero();
                assertThat(plain.exitCode()).isZero();
                assertThat(client.out().list()).containsExactly("long enough ".repeat(100));
                assertThat(client.err().list().get(0)).contains("\"extension\":\"permessage-deflate; ");
                assertThat(plain.err().list().get(0)).doesNotContain("extension");
            }
        }

        @Test
        void ofBinaryLinesKeepsEveryByte() {
            try (Run server = serve();
                    Run client = connect(server.port(), "--binary")) {
                client.type("añ").endOfInput();

                assertThat(client.exitCode()).isZero();
                assertThat(client.out().list()).containsExactly("añ");
            }
        }

        @Test
        void readsLikeAConversationForAPerson() {
            try (Run server = Run.of("serve", "--port", "0")) {
                String listening = server.out().await(line -> line.startsWith("listening on"));
                String url = listening.replaceAll(".*(ws://[^ ]+).*", "$1");
                try (Run client = Run.of("connect", url)) {
                    client.type("hello").endOfInput();

                    assertThat(client.exitCode()).isZero();
                    assertThat(client.err().list())
                            .containsExactly("= connected to " + url, "= closed, 1 sent, 1 received");
                }
                server.interrupt().exitCode();
                assertThat(server.out().list()).anyMatch(line -> line.contains("open from 127.0.0.1"));
                assertThat(server.out().list()).anyMatch(line -> line.contains("closed 1000"));
            }
        }
    }

    @Nested
    class OtherModes {
        @Test
        void broadcastReachesEveryone() {
            try (Run server = serve("--mode", "broadcast", "--path", "/");
                    Run one = connect(server.port());
                    Run other = connect(server.port())) {
                server.out().awaitMany(line -> is(line, "open"), 2);
                one.type("to all");

                assertThat(one.out().await(line -> true)).isEqualTo("to all");
                assertThat(other.out().await(line -> true)).isEqualTo("to all");
            }
        }

        @Test
        void clockTellsTheTimeEverySecond() {
            try (Run server = serve("--mode", "clock");
                    Run client = connect(server.port())) {
                assertThat(client.out().awaitMany(line -> true, 2))
                        .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"));
            }
        }
    }

    @Nested
    class AnOutage {
        @Test
        void keepsTypedLinesInOrderUntilTheServerIsThere() {
            int port = freePort();
            try (Run client = connect(port)) {
                client.type("one").type("two").type("three");
                assertThat(client.err().await(line -> is(line, "waiting"))).contains("\"reason\":\"refused\"");

                try (Run server = serveOn(port)) {
                    assertThat(client.out().awaitMany(line -> true, 3)).containsExactly("one", "two", "three");
                    assertThat(server.out().list()).anyMatch(line -> is(line, "open"));
                }
            }
        }

        @Test
        void endsWithAReconnectionThatIsTold() {
            int port;
            try (Run server = serve()) {
                port = server.port();
                Run client = connect(port);
                client.err().await(line -> is(line, "open"));
                assertThat(server.interrupt().exitCode()).isZero();
                assertThat(client.err().await(line -> is(line, "closed")))
                        .contains("\"code\":1012")
                        .contains("\"clean\":true");
                client.type("meanwhile");
                try (Run again = serveOn(port)) {
                    assertThat(client.err().await(line -> is(line, "reconnected")))
                            .contains("\"epoch\":2,\"outageMs\":")
                            .contains("\"resumed\":false,\"replayedIn\":0,\"replayedOut\":0");
                    client.type("after").endOfInput();
                    assertThat(client.exitCode()).isZero();
                    assertThat(client.out().list()).containsExactly("meanwhile", "after");
                    assertThat(again.port()).isEqualTo(port);
                }
            }
        }

        @Test
        void throughTheProxyIsNoticedByBothEnds() {
            try (Run server = serve("--ping-interval", "300ms", "--ping-timeout", "700ms");
                    Run proxy =
                            Run.of("proxy", "--listen", "0", "--to", "127.0.0.1:" + server.port(), "--events", "json");
                    Run client = connect(proxy.port(), "--ping-interval", "300ms", "--ping-timeout", "700ms")) {
                client.err().await(line -> is(line, "open"));
                proxy.type("nonsense").type("blackhole");

                assertThat(proxy.err().await(line -> true)).contains("\"nonsense\" is not a fault");
                assertThat(proxy.out().await(line -> is(line, "fault")))
                        .contains("\"fault\":\"blackhole\",\"active\":[\"blackhole\"]");
                client.type("into the dark");
                assertThat(client.err().await(line -> is(line, "dead"))).contains("\"reason\":\"ping-timeout\"");
                assertThat(server.out().await(line -> is(line, "dead"))).contains("\"silentMs\":");
                assertThat(server.out().await(line -> is(line, "closed")))
                        .contains("\"code\":1006")
                        .contains("\"clean\":false");
                proxy.type("heal");
                client.err().await(line -> is(line, "reconnected"));
                client.type("after").endOfInput();
                assertThat(client.exitCode()).isEqualTo(1);
                assertThat(client.out().list()).containsExactly("after");
                assertThat(client.err().await(line -> is(line, "ended")))
                        .contains("\"sent\":2,\"confirmed\":1,\"unknown\":1,\"notSent\":0,\"received\":1")
                        .contains("\"message\":\"of 2 messages, 1 may or may not have arrived\"");
            }
        }
    }

    @Nested
    class TheEnd {
        @Test
        void isAFailureWhenLinesWereNotSent() {
            try (Run client = Run.of("connect", "ws://127.0.0.1:" + freePort() + "/", "--linger", "0s")) {
                client.type("one").type("two").endOfInput();

                assertThat(client.exitCode()).isEqualTo(1);
                assertThat(client.err().await(line -> line.startsWith("everwire: ")))
                        .isEqualTo("everwire: no connection was made; of 2 messages, 2 were not sent");
            }
        }

        @Test
        void ofOneAttemptNamesTheCause() {
            try (Run client = Run.of("connect", "ws://127.0.0.1:" + freePort() + "/", "--once")) {
                assertThat(client.exitCode()).isEqualTo(1);
                assertThat(client.err().await(line -> line.startsWith("everwire: ")))
                        .contains("refused");
            }
        }

        @Test
        void comesAtOnceWhenThePathIsUnknown() {
            try (Run server = serve("--path", "/chat");
                    Run client = connect(server.port())) {
                assertThat(client.exitCode()).isEqualTo(1);
                assertThat(client.err().await(line -> is(line, "ended")))
                        .contains("\"exit\":1")
                        .contains("the server answered 404");
            }
        }

        @Test
        void comesWhenAskedForWithoutWaitingForTheInput() {
            try (Run server = serve();
                    Run client = connect(server.port())) {
                client.err().await(line -> is(line, "open"));
                client.interrupt();

                assertThat(client.exitCode()).isZero();
                assertThat(server.interrupt().exitCode()).isZero();
            }
        }

        @Test
        void saysThatAPageOfHtmlIsNoWebSocket() throws IOException {
            try (ServerSocket pages = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    Run client = Run.of("connect", "ws://127.0.0.1:" + pages.getLocalPort() + "/", "--once");
                    Socket accepted = pages.accept()) {
                BufferedReader request =
                        new BufferedReader(new InputStreamReader(accepted.getInputStream(), StandardCharsets.US_ASCII));
                assertThat(request.lines().takeWhile(line -> !line.isEmpty()).count())
                        .isPositive();
                accepted.getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
                                .getBytes(StandardCharsets.US_ASCII));

                assertThat(client.exitCode()).isEqualTo(1);
                assertThat(client.err().list())
                        .singleElement()
                        .asString()
                        .contains("answered 200 OK (text/html) instead of 101");
            }
        }
    }
}
