package io.everwire.benchmarks.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Holds connections that say nothing but what they must: pongs. It is told by lines: {@code grow 500} opens connections until there
 * are 500; {@code await 70000} waits until so many bytes have come after the opening handshakes; {@code pings} tells how many pings
 * were answered, {@code lost} how many connections have ended. {@code mute} ends all answers, while TCP stays up, and {@code lives}
 * tells when each connection has last said something, as {@code connection:nanos} with the number of {@link Loopback#number}. Each is
 * answered by a moment. Ends with its input.
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
    private final List<Life> lives = new ArrayList<>();
    private final CountDownLatch hasFallenSilent = new CountDownLatch(1);
    private volatile boolean isMute;
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
            diary.at(load.obey(order.split(" ", -1)));
        }
        return Map.of();
    }

    private String obey(String[] order) throws IOException {
        if (order[0].equals("lost")) {
            return Long.toString(reader.lost.get());
        }
        if (order[0].equals("lives")) {
            // Those who were mute have been hung up on, as they should be.
            return lives();
        }
        long answer = switch (order[0]) {
            case "grow" -> grow(Integer.parseInt(order[1]));
            case "await" -> await(Long.parseLong(order[1]));
            case "pings" -> reader.pings.get();
            case "mute" -> mute();
            default -> throw new IllegalArgumentException("the order '" + order[0] + "' is unknown");
        };
        if (reader.lost.get() > 0) {
            throw new LoadException("the server hung up on " + reader.lost.get() + " of " + connections
                    + " connections that were idle");
        }
        return Long.toString(answer);
    }

    /** Returns when it is certain that nobody answers any more. */
    private int mute() {
        isMute = true;
        selector.wakeup();
        try {
            hasFallenSilent.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return connections;
    }

    private String lives() {
        return lives.stream()
                .map(life -> life.connection + ":" + life.lastNanos)
                .collect(Collectors.joining(" "));
    }

    private int grow(int target) throws IOException {
        while (connections < target) {
            SocketChannel channel = SocketChannel.open();
            channel.bind(Loopback.source(settings.number("source")));
            channel.connect(Loopback.server(settings.number("port")));
            Life life = new Life(Loopback.number((InetSocketAddress) channel.getLocalAddress()));
            lives.add(life);
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
            channel.register(selector, SelectionKey.OP_READ, life);
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
            while (selector.isOpen() && !isMute) {
                selector.select(reader::handle);
            }
            hasFallenSilent.countDown();
        } catch (IOException e) {
            reader.lost.addAndGet(connections);
        }
    }

    /** When a connection has last written, a moment before it did. The reader's alone until it has fallen silent. */
    private static final class Life {
        final int connection;
        long lastNanos = System.nanoTime();

        Life(int connection) {
            this.connection = connection;
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
                    ((Life) key.attachment()).lastNanos = System.nanoTime();
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
