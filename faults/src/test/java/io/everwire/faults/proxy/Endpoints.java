package io.everwire.faults.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A server and its clients with plain blocking sockets; every wait has the same generous limit. */
final class Endpoints implements AutoCloseable {

    static final int LIMIT_MILLIS = 30_000;
    static final int QUIET_MILLIS = 300;

    private final ServerSocket server;
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();

    Endpoints() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.setSoTimeout(LIMIT_MILLIS);
    }

    int port() {
        return server.getLocalPort();
    }

    FaultProxy proxy() {
        return FaultProxy.listen(0).to("127.0.0.1", port()).start();
    }

    Socket connect(FaultProxy proxy) throws IOException {
        return connect(proxy, LIMIT_MILLIS);
    }

    Socket connect(FaultProxy proxy, int timeoutMillis) throws IOException {
        Socket client = new Socket();
        open.add(client);
        client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()), timeoutMillis);
        client.setSoTimeout(LIMIT_MILLIS);
        client.setTcpNoDelay(true);
        return client;
    }

    /** The server's end of the next connection. */
    Socket accept() throws IOException {
        Socket accepted = server.accept();
        open.add(accepted);
        accepted.setSoTimeout(LIMIT_MILLIS);
        accepted.setTcpNoDelay(true);
        return accepted;
    }

    static void send(Socket from, String text) throws IOException {
        from.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    static String receive(Socket at, int bytes) throws IOException {
        return new String(at.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
    }

    static void assertPasses(Socket from, Socket to, String text) throws IOException {
        send(from, text);
        assertThat(receive(to, text.length())).isEqualTo(text);
    }

    /** Nothing comes for a while; long enough for anything that passes at once. */
    static void assertSilent(Socket at) throws IOException {
        at.setSoTimeout(QUIET_MILLIS);
        assertThatThrownBy(() -> at.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        at.setSoTimeout(LIMIT_MILLIS);
    }

    static void assertEnded(Socket at) throws IOException {
        assertThat(at.getInputStream().read()).isEqualTo(-1);
    }

    static void assertAborted(Socket at) {
        assertThatThrownBy(() -> at.getInputStream().read()).hasMessageContaining("reset");
    }

    /** Closes with RST. */
    static void abort(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() {
        try {
            for (Socket socket : open) {
                socket.close();
            }
            server.close();
        } catch (IOException cannotClose) {
            throw new UncheckedIOException(cannotClose);
        }
    }
}
