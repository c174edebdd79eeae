package io.everwire.benchmarks.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Opens thousands of connections as fast as the server lets it, in waves. What costs only the load is outside the measured span: the
 * connections are made and bound before, and closed after it. Fewer wait for their answers than fit into the queue of those that
 * wait to be accepted, for what overflows there is repeated after a second, and that would be the result.
 */
final class HerdLoad {
    private static final int MOST_WAITING = 3_500;
    private static final int SOURCES = 16;
    private static final int FIRST_SOURCE = 2;
    private static final int ANSWER_BYTES = 8 << 10;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long PATIENCE_MILLIS = 10_000;

    private final Settings settings;
    private final InetSocketAddress server;
    private final boolean isRaw;
    private final ByteBuffer request;
    private final Selector selector = Selector.open();
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(ANSWER_BYTES);
    private final byte[] answer = new byte[ANSWER_BYTES];
    private final Histogram latencies = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    private List<Visitor> visitors = List.of();
    private int begun;
    private int answered;
    private @Nullable IOException failure;

    private HerdLoad(Settings settings) throws IOException {
        this.settings = settings;
        server = Loopback.server(settings.number("port"));
        isRaw = settings.is("raw");
        request = Upgrade.request("/echo", server.getPort(), "");
    }

    static Map<String, Double> run(Settings settings, LoadMain.Diary diary) throws IOException {
        return new HerdLoad(settings).run(diary);
    }

    private Map<String, Double> run(LoadMain.Diary diary) throws IOException {
        int connections = settings.number("connections");
        for (int i = 0; i < settings.number("warmUpWaves"); i++) {
            wave(connections);
        }
        latencies.reset();
        diary.at("begin");
        long overflowsBefore = KernelCounters.listenOverflows();
        Readings sum = new Readings(0, 0, 0, 0, 0);
        int waves = settings.number("waves");
        for (int i = 0; i < waves; i++) {
            sum = sum.plus(wave(connections));
        }
        diary.at("end");
        Map<String, Double> figures = sum.figures(waves * (double) connections);
        figures.put("p50", latencies.getValueAtPercentile(50) / 1e3);
        figures.put("p99", latencies.getValueAtPercentile(99) / 1e3);
        figures.put("max", latencies.getMaxValue() / 1e3);
        figures.put("listenOverflows", (double) (KernelCounters.listenOverflows() - overflowsBefore));
        return figures;
    }

    private Readings wave(int connections) throws IOException {
        visitors = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            visitors.add(new Visitor(i));
        }
        begun = 0;
        answered = 0;
        long serverPid = settings.number("pid");
        Readings before = Readings.take(serverPid);
        while (answered < connections) {
            while (begun < connections && begun - answered < MOST_WAITING) {
                visitors.get(begun++).begin();
                if (begun % 64 == 0) {
                    selector.selectNow(this::handle);
                }
            }
            if (selector.select(this::handle, PATIENCE_MILLIS) == 0 && failure == null) {
                throw new LoadException((begun - answered) + " handshakes had no answer for 10 s");
            }
            if (failure != null) {
                throw failure;
            }
        }
        Readings span = Readings.take(serverPid).since(before);
        for (Visitor visitor : visitors) {
            visitor.channel.close();
        }
        selector.selectNow();
        LockSupport.parkNanos(PAUSE_NANOS);
        return span;
    }

    private void handle(SelectionKey key) {
        try {
            ((Visitor) key.attachment()).handle(key);
        } catch (IOException e) {
            failure = e;
        }
    }

    /** One connection of a wave. */
    private final class Visitor {
        private final SocketChannel channel = SocketChannel.open();
        private long begunNanos;
        private int received;
        /** The last four bytes, for an answer may come in pieces. */
        private int end;

        Visitor(int number) throws IOException {
            // A port is taken once for each address.
            channel.bind(Loopback.source(FIRST_SOURCE + number % SOURCES));
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            // A reset leaves no port behind that has to wait.
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        }

        void begin() throws IOException {
            begunNanos = System.nanoTime();
            // On loopback the second look finds it connected.
            if (channel.connect(server) || channel.finishConnect()) {
                ask();
                channel.register(selector, SelectionKey.OP_READ, this);
            } else {
                channel.register(selector, SelectionKey.OP_CONNECT, this);
            }
        }

        private void ask() throws IOException {
            if (channel.write(request.rewind()) < request.limit()) {
                throw new LoadException("the kernel did not take a request of " + request.limit() + " bytes");
            }
        }

        void handle(SelectionKey key) throws IOException {
            if (key.isConnectable()) {
                channel.finishConnect();
                ask();
                key.interestOps(SelectionKey.OP_READ);
                return;
            }
            if (channel.read(incoming.clear()) < 0) {
                throw new LoadException("the server hung up in the middle of an opening handshake");
            }
            incoming.flip();
            int length = incoming.remaining();
            received += length;
            incoming.get(0, answer, 0, length);
            end = Upgrade.endAfter(end, answer, length);
            if (isRaw ? received < request.limit() : end != Upgrade.END) {
                return;
            }
            if (!isRaw && received == length) {
                Upgrade.check(answer, length);
            }
            latencies.recordValue(System.nanoTime() - begunNanos);
            answered++;
            key.cancel();
        }
    }
}
