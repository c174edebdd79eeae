package io.everwire.verification.conversation;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that does what its script says, once for each connection, on a thread of its own. */
public final class RawServer implements AutoCloseable {
    private final ServerSocket listening;
    private final Thread accepting;
    private final Script script;
    private final String scheme;
    private final AtomicInteger accepted = new AtomicInteger();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /** What happens on a connection; it is closed afterwards. */
    public interface Script {
        void play(RawPeer peer, int number) throws Exception;
    }

    public RawServer(Script script) throws IOException {
        this("ws", new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), script);
    }

    /** Listens on a socket of the test's own, for example one that speaks TLS. */
    public RawServer(String scheme, ServerSocket listening, Script script) {
        this.scheme = scheme;
        this.script = script;
        this.listening = listening;
        accepting = start("raw-server", this::accept);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                sockets.add(socket);
                int number = accepted.incrementAndGet();
                start("raw-server-" + number, () -> serve(socket, number));
            }
        } catch (IOException e) {
            // The server was closed.
            return;
        }
    }

    private void serve(Socket socket, int number) {
        try (RawPeer peer = new RawPeer(socket, false)) {
            script.play(peer, number);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception | AssertionError e) {
            // The other end hung up, or the test is over; what matters is asserted on the other end.
            return;
        } finally {
            sockets.remove(socket);
        }
    }

    private static Thread start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    public int port() {
        return listening.getLocalPort();
    }

    public String url() {
        return scheme + "://127.0.0.1:" + port() + "/";
    }

    /** How many connections came. */
    public int accepted() {
        return accepted.get();
    }

    /** Returns when the port is free: whoever is blocked on a socket keeps it open until it has let go. */
    @Override
    public void close() throws IOException {
        listening.close();
        try {
            accepting.join(Patience.LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
