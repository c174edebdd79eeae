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
import java.util.Map;

/**
 * Holds connections that say nothing but what they must: pongs. Each line of the input is a number; there are so many connections
 * when the line is answered. Ends with its input.
 */
final class IdleLoad {
    private final String path;
    private final InetSocketAddress server;
    private final String source;
    private final boolean isRaw;
    private final Selector selector = Selector.open();
    private final Pongs pongs = new Pongs();
    private int connections;

    private IdleLoad(Settings settings) throws IOException {
        path = settings.text("path");
        server = new InetSocketAddress("127.0.0.1", settings.number("port"));
        source = settings.text("source");
        isRaw = settings.is("raw");
    }

    static Map<String, Double> run(Settings settings, LoadMain.Diary diary) throws IOException {
        IdleLoad load = new IdleLoad(settings);
        Thread answering = new Thread(load::answer, "pongs");
        answering.setDaemon(true);
        answering.start();
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            load.grow(Integer.parseInt(order));
            diary.at(order);
        }
        return Map.of("pings", (double) load.pongs.count(), "lost", (double) load.pongs.lost());
    }

    private void grow(int target) throws IOException {
        while (connections < target) {
            SocketChannel channel = SocketChannel.open();
            channel.bind(new InetSocketAddress(source, 0));
            channel.connect(server);
            if (!isRaw) {
                Upgrade.open(channel, path, server.getPort());
            }
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            connections++;
        }
        selector.wakeup();
    }

    private void answer() {
        try {
            while (selector.isOpen()) {
                selector.select(pongs::handle);
            }
        } catch (IOException e) {
            pongs.lose();
        }
    }

    /** Answers pings; everything else that comes is read and forgotten. */
    private static final class Pongs {
        private static final int PING = 0x89;
        private static final int PONG = 0x8A;
        private static final int MASKED = 0x80;

        private final ByteBuffer incoming = ByteBuffer.allocateDirect(64 << 10);
        private final ByteBuffer pong = ByteBuffer.allocateDirect(256);
        private volatile long count;
        private volatile long lost;

        void handle(SelectionKey key) {
            SocketChannel channel = (SocketChannel) key.channel();
            try {
                if (channel.read(incoming.clear()) < 0) {
                    throw new IOException("the server hung up");
                }
                incoming.flip();
                while (incoming.remaining() >= 2) {
                    int first = incoming.get() & 0xFF;
                    int length = incoming.get() & 0x7F;
                    if (length > 125 || length > incoming.remaining()) {
                        break;
                    }
                    if (first == PING) {
                        answer(channel, length);
                    }
                    incoming.position(incoming.position() + length);
                }
            } catch (IOException e) {
                key.cancel();
                lose();
            }
        }

        /** A mask of zeros is one, too. */
        private void answer(SocketChannel channel, int length) throws IOException {
            pong.clear().put((byte) PONG).put((byte) (MASKED | length)).putInt(0);
            pong.put(incoming.duplicate().limit(incoming.position() + length));
            channel.write(pong.flip());
            count = count + 1;
        }

        @SuppressWarnings("NonAtomicOperationOnVolatileField")
        void lose() {
            lost = lost + 1;
        }

        long count() {
            return count;
        }

        long lost() {
            return lost;
        }
    }
}
