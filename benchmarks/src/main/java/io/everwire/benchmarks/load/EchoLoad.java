package io.everwire.benchmarks.load;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a number of messages under way on each of some connections: for each that comes back, another one is sent, all that one read
 * has brought in one write. One thread, nothing allocated, nothing encoded.
 */
final class EchoLoad {
    private static final int READ_BYTES = 256 << 10;
    private static final long LONGEST_MICROS = 60_000_000;
    private static final int DIGITS = 3;
    private static final long IDLE_MILLIS = 100;
    private static final double SILENT_SECONDS = 10;

    private final Frames frames;
    private final int inFlight;
    private final boolean isRaw;
    private final boolean hasSessions;
    private final boolean isDeflating;
    private final long serverPid;
    private final Selector selector = Selector.open();
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(READ_BYTES);
    private final List<Line> lines = new ArrayList<>();
    private final Histogram latencies = new Histogram(LONGEST_MICROS * 1_000, DIGITS);
    private long messages;
    private @Nullable IOException failure;

    private EchoLoad(Settings settings) throws IOException {
        inFlight = settings.number("inFlight");
        serverPid = settings.number("pid");
        int bytes = settings.number("bytes");
        isDeflating = settings.is("deflate");
        frames = settings.is("json")
                ? Frames.json(bytes, isDeflating && bytes >= settings.number("threshold"), inFlight, new Random(1))
                : new Frames(settings.is("text"), bytes, inFlight, new Random(1));
        isRaw = settings.is("raw");
        hasSessions = settings.is("sessions");
        for (int i = 0; i < settings.number("connections"); i++) {
            lines.add(new Line(settings.number("port")));
        }
    }

    static Map<String, Double> run(Settings settings, LoadMain.Diary diary) throws IOException {
        return new EchoLoad(settings)
                .run(
                        settings.seconds("warmUp").toNanos(),
                        settings.seconds("measure").toNanos(),
                        diary);
    }

    private Map<String, Double> run(long warmUpNanos, long measureNanos, LoadMain.Diary diary) throws IOException {
        for (Line line : lines) {
            line.verify();
        }
        for (Line line : lines) {
            line.begin();
        }
        turnUntil(System.nanoTime() + warmUpNanos);
        diary.at("begin");
        latencies.reset();
        lines.forEach(line -> line.answered = 0);
        messages = 0;
        Readings before = Readings.take(serverPid);
        turnUntil(before.nanos() + measureNanos / 2);
        long half = messages;
        turnUntil(before.nanos() + measureNanos);
        Readings after = Readings.take(serverPid);
        diary.at("end");
        if (messages == 0) {
            throw new LoadException("no message came back while it was measured");
        }
        Map<String, Double> figures = after.since(before).figures((double) messages);
        figures.put("messages", (double) messages);
        figures.put("frameBytes", (double) frames.frameBytes());
        figures.put("p50", latencies.getValueAtPercentile(50) / 1e3);
        figures.put("p99", latencies.getValueAtPercentile(99) / 1e3);
        figures.put("p999", latencies.getValueAtPercentile(99.9) / 1e3);
        figures.put("max", latencies.getMaxValue() / 1e3);
        figures.put("leastShare", leastShare());
        figures.put("drift", (messages - half) / (double) Math.max(1, half));
        return figures;
    }

    /** Returns how much the slowest connection got of what each should have. */
    private double leastShare() {
        long least = lines.stream().mapToLong(line -> line.answered).min().orElse(0);
        return least * (double) lines.size() / messages;
    }

    private void turnUntil(long endNanos) throws IOException {
        long counted = messages;
        long countedNanos = System.nanoTime();
        for (long now = countedNanos; now - endNanos < 0; now = System.nanoTime()) {
            selector.select(this::handle, IDLE_MILLIS);
            if (failure != null) {
                throw failure;
            }
            if (messages != counted) {
                counted = messages;
                countedNanos = now;
            } else if (now - countedNanos > SILENT_SECONDS * 1e9) {
                throw new LoadException("no message came back for " + SILENT_SECONDS + " s");
            }
        }
    }

    private void handle(SelectionKey key) {
        try {
            ((Line) key.attachment()).handle(key);
        } catch (IOException e) {
            failure = e;
        }
    }

    /** One connection. */
    private final class Line {
        private final SocketChannel channel;
        private final Echoes echoes;
        private final ByteBuffer outgoing = frames.block();
        /** When each message under way was sent, a ring. */
        private final long[] sentNanos = new long[inFlight];

        private int oldest;
        private int newest;
        private int cursor;
        private long owedBytes;
        private long answered;
        /** What came in all, and what of it was acknowledged; in a session only. */
        private long received;

        private long acknowledged;
        private final ByteBuffer[] both = {SessionOffer.NOTHING, outgoing};

        Line(int port) throws IOException {
            channel = SocketChannel.open(Loopback.server(port));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (!isRaw) {
                String answer = Upgrade.open(channel, "/echo", port, offer());
                if (isDeflating) {
                    DeflateOffer.check(answer);
                }
            }
            if (hasSessions) {
                SessionOffer.greet(channel);
            }
            echoes = isRaw ? new Echoes.Raw(frames) : new Echoes.Framed(frames, hasSessions);
        }

        private String offer() {
            String sessions = hasSessions ? SessionOffer.header(new Random()) : "";
            return sessions + (isDeflating ? DeflateOffer.HEADER : "");
        }

        /** Sends one message and compares what comes back; {@link Echoes} looks at the first of each connection whole. */
        void verify() throws IOException {
            ByteBuffer one = frames.block().limit(frames.frameBytes());
            // A long message needs both directions at once: neither end's buffers hold all of it.
            channel.configureBlocking(false);
            ByteBuffer whole = ByteBuffer.allocateDirect(frames.frameBytes() + READ_BYTES);
            int done = 0;
            long begun = System.nanoTime();
            while (done == 0) {
                channel.write(one);
                int from = whole.position();
                if (channel.read(whole) < 0) {
                    throw new LoadException("the server hung up before it echoed a message");
                }
                done = echoes.take(whole.duplicate().limit(whole.position()).position(from));
                received = done;
                if (System.nanoTime() - begun > SILENT_SECONDS * 1e9) {
                    throw new LoadException("the first message did not come back within " + SILENT_SECONDS + " s");
                }
                Thread.onSpinWait();
            }
            echoes.compareFirst(whole.flip());
        }

        void begin() throws IOException {
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ, this);
            send(inFlight, System.nanoTime(), key);
        }

        void handle(SelectionKey key) throws IOException {
            if (key.isReadable()) {
                read(key);
            } else {
                flush(key);
            }
        }

        private void read(SelectionKey key) throws IOException {
            incoming.clear();
            if (channel.read(incoming) < 0) {
                throw new LoadException("the server hung up in the middle of the load");
            }
            int done = echoes.take(incoming.flip());
            if (done == 0) {
                return;
            }
            long now = System.nanoTime();
            for (int i = 0; i < done; i++) {
                latencies.recordValue(Math.min(now - sentNanos[oldest], LONGEST_MICROS * 1_000));
                oldest = oldest + 1 == inFlight ? 0 : oldest + 1;
            }
            messages += done;
            answered += done;
            received += done;
            send(done, now, key);
        }

        private void send(int count, long now, SelectionKey key) throws IOException {
            for (int i = 0; i < count; i++) {
                sentNanos[newest] = now;
                newest = newest + 1 == inFlight ? 0 : newest + 1;
            }
            if (hasSessions && owedBytes == 0 && received - acknowledged >= SessionOffer.MESSAGES_AN_ACK) {
                acknowledged = received;
                both[0] = SessionOffer.ack(received);
            }
            owedBytes += (long) count * frames.frameBytes();
            flush(key);
        }

        private void flush(SelectionKey key) throws IOException {
            while (owedBytes > 0) {
                cursor = cursor == outgoing.capacity() ? 0 : cursor;
                outgoing.clear()
                        .limit((int) Math.min(outgoing.capacity(), cursor + owedBytes))
                        .position(cursor);
                // An acknowledgement goes before the messages of the same write.
                long written = both[0].hasRemaining() ? channel.write(both) : channel.write(outgoing);
                owedBytes -= outgoing.position() - cursor;
                cursor = outgoing.position();
                if (written == 0) {
                    key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                    return;
                }
            }
            cursor = 0;
            if (key.interestOps() != SelectionKey.OP_READ) {
                key.interestOps(SelectionKey.OP_READ);
            }
        }
    }
}
