package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a server's command does: TLS, limits, and a gentle end. */
class ServeTest {
    private static final String REQUEST = String.join(
            "\r\n",
            "GET / HTTP/1.1",
            "Host: localhost",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            "");

    private static boolean is(String line, String event) {
        return line.startsWith("{\"event\":\"" + event + "\"");
    }

    private static Run serve(String... more) {
        String[] all = new String[more.length + 5];
        System.arraycopy(new String[] {"serve", "--port", "0", "--events", "json"}, 0, all, 0, 5);
        System.arraycopy(more, 0, all, 5, more.length);
        return Run.of(all);
    }

    private static Socket dial(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static String statusOf(Socket socket, String headers) throws IOException {
        socket.getOutputStream().write((REQUEST + headers + "\r\n").getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }

    @Test
    void speaksTls(@TempDir Path directory) throws Exception {
        X509Bundle own = new CertificateBuilder()
                .ecp256()
                .subject("CN=localhost")
                .addSanDnsName("localhost")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        Path certificate = Files.writeString(directory.resolve("cert.pem"), own.getCertificatePathPEM());
        Path key = Files.writeString(directory.resolve("key.pem"), own.getPrivateKeyPEM());
        try (Run server = serve("--tls-cert", certificate.toString(), "--tls-key", key.toString())) {
            int port = server.port();
            assertThat(server.out().list().get(0)).contains("\"url\":\"wss://127.0.0.1:" + port + "/\"");
            SSLContext client = SSLContext.getInstance("TLS");
            client.init(null, own.toTrustManagerFactory().getTrustManagers(), null);
            try (Socket tls = client.getSocketFactory().createSocket(dial(port), "localhost", port, true)) {
                assertThat(statusOf(tls, "Origin: https://localhost\r\n")).isEqualTo("HTTP/1.1 101");
                assertThat(server.out().await(line -> is(line, "open")))
                        .contains("\"url\":\"wss://127.0.0.1:" + port + "/\"");
            }
        }
        assertFails("does not exist", directory.resolve("absent").toString(), key.toString());
        assertFails("holds no private key in PEM", certificate.toString(), certificate.toString());
    }

    private static void assertFails(String sentence, String certificate, String key) {
        try (Run run = Run.of("serve", "--port", "0", "--tls-cert", certificate, "--tls-key", key)) {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err().list()).singleElement().asString().contains(sentence);
        }
    }

    @Test
    void letsPagesInByTheirOrigin() throws Exception {
        try (Run server = serve("--origin", "https://one.example", "--origin", "https://two.example");
                Run open = serve("--origin", "any")) {
            int port = server.port();
            for (String[] row : new String[][] {{"one", "101"}, {"two", "101"}, {"three", "403"}}) {
                try (Socket socket = dial(port)) {
                    assertThat(statusOf(socket, "Origin: https://" + row[0] + ".example\r\n"))
                            .endsWith(row[1]);
                }
            }
            try (Socket socket = dial(open.port())) {
                assertThat(statusOf(socket, "Origin: https://three.example\r\n"))
                        .endsWith("101");
            }
        }
    }

    @Test
    void limitsConnectionsOfAnAddress() throws Exception {
        try (Run server = serve("--max-connections-per-address", "1");
                Socket first = dial(server.port())) {
            assertThat(statusOf(first, "")).endsWith("101");
            // Dialed only now: of two that wait, either may be the first to be counted.
            try (Socket second = dial(server.port())) {
                assertThat(statusOf(second, "")).endsWith("503");
            }
        }
    }

    @Test
    void sendsItsClientsAwayBeforeItEnds() throws Exception {
        try (Run server = serve("--drain-window", "200ms");
                Socket client = dial(server.port())) {
            assertThat(statusOf(client, "")).endsWith("101");
            server.out().await(line -> is(line, "open"));
            assertThat(server.interrupt().exitCode()).isZero();
            assertThat(server.out().await(line -> is(line, "draining"))).contains("\"open\":1,\"windowMs\":200");
            assertThat(server.out().await(line -> is(line, "closed"))).contains("\"code\":10");
            assertThat(server.out().list().get(server.out().list().size() - 1)).startsWith("{\"event\":\"stopped\"");
        }
    }

    @Test
    void endsAtOnceWhenAskedTwice() throws Exception {
        try (Run server = serve("--drain-window", "1h");
                Socket client = dial(server.port())) {
            assertThat(statusOf(client, "")).endsWith("101");
            server.out().await(line -> is(line, "open"));
            server.interrupt().out().await(line -> is(line, "draining"));
            assertThat(server.interrupt().exitCode()).isZero();
            assertThat(server.out().await(line -> is(line, "stopping"))).contains("\"open\":1");
        }
    }

    @Test
    void readsLikeAStoryForAPerson() throws Exception {
        try (Run server = Run.of("serve", "--port", "0", "--drain-window", "100ms")) {
            String listening = server.out().await(line -> line.startsWith("listening on"));
            try (Socket client = dial(Integer.parseInt(listening.replaceAll(".*:(\\d+)/.*", "$1")))) {
                assertThat(statusOf(client, "")).endsWith("101");
                server.out().await(line -> line.contains(" open from "));
                assertThat(server.interrupt().exitCode()).isZero();
            }
            assertThat(server.out().list()).anyMatch(line -> line.contains("draining 1 session over "));
            assertThat(server.out().list().get(server.out().list().size() - 1)).endsWith("= stopped");
        }
    }
}
