package io.everwire.benchmarks.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds connections that say nothing but what they must: pongs. It is told by lines: {@code grow 500} opens connections until there
 * are 500; {@code await 70000} waits until so many bytes have come after the opening handshakes; {@code pings} tells how many pings
 * were answered. Each is answered by a moment. Ends with its input.
 */
final class IdleLoad {
    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private final Settings settings;
    private final boolean isRaw;
    private final boolean hasSessions;
    private final Random random = new Random();
    private final Selector selector = Selector.open();
    private final Reader reader = new Reader();
    private int connections;

    private IdleLoad(Settings settings) throws IOException {
        this.settings = settings;
        isRaw = settings.is("raw");
        hasSessions = settings.is("sessions");
    }

    static Map<String, Double> run(Settings settings, LoadMain.Diary diary) throws IOException {
        IdleLoad load = new IdleLoad(settings);
        Thread answering = new Thread(load::read, "reader");
        answering.setDaemon(true);
        answering.start();
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            diary.at(Long.toString(load.obey(order.split(" ", -1))));
        }
        return Map.of();
    }

    private long obey(String[] order) throws IOException {
        long answer = switch (order[0]) {
            case "grow" -> grow(Integer.parseInt(order[1]));
            case "await" -> await(Long.parseLong(order[1]));
            case "pings" -> reader.pings.get();
            default -> throw new IllegalArgumentException("the order '" + order[0] + "' is unknown");
        };
        if (reader.lost.get() > 0) {
            throw new LoadException("the server hung up on " + reader.lost.get() + " of " + connections
                    + " connections that were idle");
        }
        return answer;
    }

    private int grow(int target) throws IOException {
        while (connections < target) {
            SocketChannel channel = SocketChannel.open();
            channel.bind(Loopback.source(settings.number("source")));
            channel.connect(Loopback.server(settings.number("port")));
            if (!isRaw) {
                Upgrade.open(
                        channel,
                        settings.text("path"),
                        settings.number("port"),
                        hasSessions ? SessionOffer.header(random) : "");
            }
            if (hasSessions) {
                SessionOffer.greet(channel);
            }
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            selector.wakeup();
            connections++;
        }
        return connections;
    }

    private long await(long bytes) throws IOException {
        long begun = System.nanoTime();
        while (reader.bytes.get() < bytes) {
            if (System.nanoTime() - begun > LONGEST_WAIT_NANOS) {
                throw new LoadException(reader.bytes.get() + " bytes came within 30 s instead of " + bytes);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return reader.bytes.get();
    }

    private void read() {
        try {
            while (selector.isOpen()) {
                selector.select(reader::handle);
            }
        } catch (IOException e) {
            reader.lost.addAndGet(connections);
        }
    }

    /** Answers pings; everything else that comes is counted and forgotten. */
    private static final class Reader {
        private static final int PING = 0x89;
        private static final int PONG = 0x8A;
        private static final int MASKED = 0x80;
        private static final int LONGEST = 125;

        final AtomicLong bytes = new AtomicLong();
        final AtomicLong pings = new AtomicLong();
        final AtomicLong lost = new AtomicLong();
        private final ByteBuffer incoming = ByteBuffer.allocateDirect(64 << 10);
        private final ByteBuffer pong = ByteBuffer.allocateDirect(256);

        void handle(SelectionKey key) {
            SocketChannel channel = (SocketChannel) key.channel();
            try {
                int count = channel.read(incoming.clear());
                if (count < 0) {
                    throw new LoadException("the server hung up");
                }
                incoming.flip();
                while (incoming.remaining() >= 2 && (incoming.get(incoming.position()) & 0xFF) == PING) {
                    answer(channel, incoming.position());
                }
                bytes.addAndGet(count);
            } catch (IOException e) {
                key.cancel();
                lost.incrementAndGet();
            }
        }

        /** A ping comes whole, in a segment of its own: nothing else is sent meanwhile. A mask of zeros is one, too. */
        private void answer(SocketChannel channel, int at) throws IOException {
            int length = incoming.get(at + 1) & 0x7F;
            if (length > LONGEST || at + 2 + length > incoming.limit()) {
                throw new LoadException("a ping came in pieces");
            }
            pong.clear().put((byte) PONG).put((byte) (MASKED | length)).putInt(0);
            incoming.position(at + 2 + length);
            pong.put(incoming.slice(at + 2, length));
            channel.write(pong.flip());
            pings.incrementAndGet();
        }
    }
}
