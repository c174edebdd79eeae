package io.everwire.verification.conversation;

import io.everwire.Session;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.server.EverwireServer;
import java.util.ArrayDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;

/** What one test has opened: closed in reverse order, sessions and servers to their very end, and nothing may have leaked. */
public final class Opened implements AutoCloseable {
    private final ArrayDeque<AutoCloseable> closeables = new ArrayDeque<>();
    private final CopyOnWriteArrayList<Session> sessions = new CopyOnWriteArrayList<>();

    public Opened() {
        Leaks.watch();
    }

    public <T extends AutoCloseable> T add(T closeable) {
        closeables.push(closeable);
        return closeable;
    }

    public EverwireServer serve(EverwireServer.Builder builder) {
        EverwireServer server = builder.start();
        closeables.push(() -> {
            server.close();
            Patience.of(server.stopped());
        });
        return server;
    }

    /** Serves one path with one listener, everything else by default. */
    public EverwireServer serve(SessionListener listener) {
        return serve(EverwireServer.builder().listen("/", listener));
    }

    public Session connect(EverwireClient.Builder builder, SessionListener listener) {
        return remember(builder.listen(listener));
    }

    public Session connect(EverwireServer server, SessionListener listener) {
        return connect(EverwireClient.to(url(server.port())), listener);
    }

    public Session remember(Session session) {
        sessions.add(session);
        return session;
    }

    public FaultProxy proxy(EverwireServer server) {
        return add(FaultProxy.listen(0).to("127.0.0.1", server.port()).start());
    }

    public ExecutorService threads(ExecutorService threads) {
        closeables.push(threads::shutdownNow);
        return threads;
    }

    public static String url(int port) {
        return "ws://127.0.0.1:" + port + "/";
    }

    @Override
    public void close() {
        sessions.forEach(Session::close);
        for (Session session : sessions) {
            Patience.of(session.closed());
        }
        for (AutoCloseable last = closeables.poll(); last != null; last = closeables.poll()) {
            close(last);
        }
        Leaks.assertNone();
    }

    private static void close(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            throw new AssertionError("what the test had opened could not be closed", e);
        }
    }
}
