package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
    static Stream<Arguments> wrongUsage() {
        return Stream.of(
                Arguments.of("", "a command is missing"),
                Arguments.of("srve", "did you mean serve?"),
                Arguments.of("serve --store memory", "--store is for sessions; give --sessions, too"),
                Arguments.of("serve --session-ttl 5s", "--session-ttl is for sessions; give --sessions, too"),
                Arguments.of("serve --sessions --store redis", "'redis' is no store; write memory, or file: and a"),
                Arguments.of("serve --sessions --store file:", "'file:' is no store; write memory, or file: and a"),
                Arguments.of("serve --sessions --session-ttl 5", "'5' is not a duration"),
                Arguments.of("serve --sessions --session-ttl 500ms", "--session-ttl is in whole seconds, from 1s on"),
                Arguments.of("serve --sessions --session-ttl 0s", "--session-ttl is in whole seconds, from 1s on"),
                Arguments.of("connect ws://h/ --once --sessions", "give one of them"),
                Arguments.of("demo --sessions", "Unknown option: '--sessions'"),
                Arguments.of("serve --tls-cert cert.pem", "--tls-cert and --tls-key belong together"),
                Arguments.of("serve --tls-key key.pem", "--tls-cert and --tls-key belong together"),
                Arguments.of("serve --origin https://App.example", "'https://App.example' is no origin"),
                Arguments.of("serve --max-connections-per-address 0", "it must be at least 1"),
                Arguments.of("serve --drain-window 5", "'5' is not a duration"),
                Arguments.of("serve --port 65536", "'65536' is no port"),
                Arguments.of("serve --path chat", "the path 'chat' must begin with /"),
                Arguments.of("serve --ping-interval 5", "'5' is not a duration"),
                Arguments.of("serve --ping-timeout 1ms", "the shortest that can be kept is 50 ms"),
                Arguments.of("serve --mode loud", "'loud'"),
                Arguments.of("serve --max-connections 0", "it must be at least 1"),
                Arguments.of("serve --events xml", "'xml'"),
                Arguments.of("connect", "Missing required parameter: 'URL'"),
                Arguments.of("connect http://127.0.0.1/", "the scheme of 'http://127.0.0.1/' is 'http'"),
                Arguments.of("connect 127.0.0.1", "is missing"),
                Arguments.of("connect ws://", "is not a URL"),
                Arguments.of("connect ws://h:99999/", "outside 1 to 65535"),
                Arguments.of("connect ws://h/#part", "no fragment"),
                Arguments.of("connect ws://h/ --header Token", "has no colon"),
                Arguments.of("connect ws://h/ --header Upgrade:x", "belongs to the opening handshake"),
                Arguments.of("connect ws://h/ --backoff often", "write auto"),
                Arguments.of("connect ws://h/ --connect-timeout 0s", "longer than zero"),
                Arguments.of("connect ws://h/ --text --binary", "mutually exclusive"),
                Arguments.of("proxy --listen 0", "Missing required option: '--to"),
                Arguments.of("proxy --listen here --to 9000", "'here' is no [host:]port"),
                Arguments.of("demo --outage 0s", "an outage lasts at least 1ms"),
                Arguments.of("demo --messages 9", "from 10 to"));
    }

    @ParameterizedTest
    @MethodSource
    void wrongUsage(String arguments, String sentence) {
        String[] args = arguments.isEmpty() ? new String[0] : arguments.split(" ");
        try (Run run = Run.of(args)) {
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err().list())
                    .singleElement()
                    .asString()
                    .startsWith("everwire: ")
                    .contains(sentence)
                    .contains("--help)");
            assertThat(run.out().text()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "serve", "connect", "proxy"})
    void eachCommandHasHelpWithExamples(String command) {
        try (Run run = Run.of(command, "--help")) {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out().text())
                    .contains("Usage: everwire " + command)
                    .contains("Examples:")
                    .contains("  everwire " + command)
                    .doesNotContain("\u001b");
        }
    }

    @Test
    void tellsItsVersion() {
        try (Run run = Run.of("--version")) {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out().text()).startsWith("everwire ").contains("Java ");
        }
    }

    @Test
    void completesCommandsAndOptionsInShells() {
        try (Run run = Run.of("generate-completion")) {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out().text()).contains("complete -F").contains("--ping-interval");
        }
    }

    @Test
    void saysThatThePortOfAServerIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Run run = Run.of("serve", "--port", Integer.toString(taken.getLocalPort()))) {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err().list())
                    .singleElement()
                    .asString()
                    .contains("port " + taken.getLocalPort())
                    .contains("cannot be listened on");
        }
    }

    @Test
    void saysThatThePortOfAProxyIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Run run = Run.of("proxy", "--listen", Integer.toString(taken.getLocalPort()), "--to", "9000")) {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err().list()).singleElement().asString().contains("is taken; choose another one");
        }
    }

    @Test
    void saysThatAPlanCannotBeRead(@TempDir Path directory) throws IOException {
        Path wrong = directory.resolve("wrong.txt");
        Files.writeString(wrong, "+2s blackhole\n+3s blackhol\n");

        assertFailsWith("does not exist", directory.resolve("absent.txt"));
        assertFailsWith("cannot be read", directory);
        assertFailsWith("line 2: \"blackhol\" is not a fault", wrong);
    }

    private static void assertFailsWith(String sentence, Path plan) {
        try (Run run = Run.of("proxy", "--listen", "0", "--to", "9000", "--plan", plan.toString())) {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err().list()).singleElement().asString().contains(sentence);
        }
    }
}
