package io.everwire.benchmarks.contestants;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** Bytes returned by a loop of the JDK's own: what Java itself can do. */
public final class RawNio implements EchoService {
    private static final int READ_BYTES = 64 << 10;

    private final ByteBuffer shared = ByteBuffer.allocateDirect(READ_BYTES);

    @Override
    public int start() throws IOException {
        Selector selector = Selector.open();
        ServerSocketChannel listening =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        listening.configureBlocking(false);
        listening.register(selector, SelectionKey.OP_ACCEPT);
        Thread loop = new Thread(() -> run(selector), "raw-nio");
        loop.start();
        return listening.socket().getLocalPort();
    }

    private void run(Selector selector) {
        try {
            while (selector.isOpen()) {
                selector.select(this::handle);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void handle(SelectionKey key) {
        try {
            if (key.channel() instanceof ServerSocketChannel listening) {
                accept(key.selector(), listening);
            } else {
                echo(key);
            }
        } catch (IOException e) {
            cancel(key);
        }
    }

    private static void accept(Selector selector, ServerSocketChannel listening) throws IOException {
        for (SocketChannel accepted = listening.accept(); accepted != null; accepted = listening.accept()) {
            accepted.configureBlocking(false);
            accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
            accepted.register(selector, SelectionKey.OP_READ);
        }
    }

    private void echo(SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        ByteBuffer rest = (@Nullable ByteBuffer) key.attachment();
        if (rest != null) {
            channel.write(rest);
            if (rest.hasRemaining()) {
                return;
            }
            key.attach(null);
            key.interestOps(SelectionKey.OP_READ);
        }
        shared.clear();
        if (channel.read(shared) < 0) {
            cancel(key);
            return;
        }
        channel.write(shared.flip());
        if (shared.hasRemaining()) {
            // Nothing more is read before this is written: the peer's window is the limit.
            key.attach(ByteBuffer.allocate(shared.remaining()).put(shared).flip());
            key.interestOps(SelectionKey.OP_WRITE);
        }
    }

    private static void cancel(SelectionKey key) {
        key.cancel();
        try {
            key.channel().close();
        } catch (IOException ignored) {
            // It is gone either way.
        }
    }
}
