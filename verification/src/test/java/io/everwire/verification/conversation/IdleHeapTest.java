package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * An idle connection of a server is small: what lives in its heap is measured in a process of its own, beside a channel of Netty that
 * does nothing, so that the object layout of the JDK is the same for both.
 */
class IdleHeapTest {
    private static final int CONNECTIONS = 2_000;
    private static final int WARM_UP = 500;
    private static final int SETTLING = 3;
    /** Beyond a bare channel, in bytes. */
    private static final int MOST_OF_A_CONNECTION = 250;

    private static final int MOST_WITH_A_SESSION = 800;
    /** For what a garbage collector leaves, in bytes. */
    private static final int GRANTED = 30;

    @Test
    void isHardlyLargerThanABareChannel() throws Exception {
        assertThatTakesBeyondBare("plain", MOST_OF_A_CONNECTION);
    }

    @Test
    void isNotMuchLargerWithASession() throws Exception {
        assertThatTakesBeyondBare("session", MOST_WITH_A_SESSION);
    }

    private static void assertThatTakesBeyondBare(String kind, int most) throws Exception {
        double bare = bytesEach("bare");
        double ours = bytesEach(kind);

        assertThat(ours)
                .as("bytes of heap for each idle connection, beside %.0f of a bare channel", bare)
                .isBetween(bare, bare + most + GRANTED);
    }

    private static double bytesEach(String kind) throws Exception {
        Process server = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-Dio.netty.leakDetection.level=disabled",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        IdleServer.class.getName(),
                        kind))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<AutoCloseable> peers = new ArrayList<>();
        try (BufferedReader told =
                        new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8));
                PrintStream ask = new PrintStream(server.getOutputStream(), true, StandardCharsets.UTF_8)) {
            int port = (int) number(told);
            connect(kind, port, WARM_UP, peers);
            // What the start has left behind goes with the first collections.
            for (int i = 0; i < SETTLING; i++) {
                ask(ask, told, peers.size());
            }
            long before = ask(ask, told, peers.size());
            connect(kind, port, CONNECTIONS, peers);
            return (double) (ask(ask, told, peers.size()) - before) / CONNECTIONS;
        } finally {
            for (AutoCloseable peer : peers) {
                peer.close();
            }
            server.destroyForcibly();
        }
    }

    private static void connect(String kind, int port, int count, List<AutoCloseable> peers) throws IOException {
        for (int i = 0; i < count; i++) {
            peers.add(
                    switch (kind) {
                        case "bare" -> RawPeer.dial(port);
                        case "plain" -> RawPeer.open(port);
                        default -> SessionPeer.begin(port);
                    });
        }
    }

    private static long ask(PrintStream ask, BufferedReader told, int connections) throws IOException {
        ask.println(connections);
        return number(told);
    }

    private static long number(BufferedReader told) throws IOException {
        String line = told.readLine();
        if (line == null) {
            throw new IOException("the server's process has ended");
        }
        return Long.parseLong(line);
    }
}
