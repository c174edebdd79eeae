package io.everwire.faults.proxy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where clients come in: open, silent (a SYN gets no answer) or refusing (a SYN gets RST). Belongs to one event loop.
 *
 * <p>While refusing, the port stays bound by a placeholder that does not listen. Without it, the kernel could give the
 * port to any outgoing connection, even to the very client that keeps trying to reach it, which would then talk to
 * itself.
 */
final class Door {

    /** How new connections are treated. */
    enum Mode {
        OPEN,
        SILENT,
        REFUSING
    }

    /** Who gets the connections; the channels are not registered yet. */
    interface Host {
        /** A client has come in. */
        void onAccepted(SocketChannel client);

        /** A client had come in at the beginning of the silence, and what it has sent since was lost. */
        void onAcceptedLate(SocketChannel client, long silentSinceNanos);
    }

    /** Long enough for the event loop to select once, which is when the JDK really closes what was closed. */
    static final long ONE_SELECT_MILLIS = 1;

    private static final int PLACEHOLDER_TRIES = 100;

    /** How long nobody is accepted after accepting failed. */
    private static final int PAUSE_MILLIS = 100;

    private final EventLoop loop;
    private final Host host;
    private final LongSupplier clock;
    private final AcceptQueue queue;
    private final List<Promise<Void>> waiting = new ArrayList<>();

    /** Written by the event loop only, once; read from anywhere. */
    private volatile InetSocketAddress address;

    private Mode mode = Mode.REFUSING;
    private Mode wanted = Mode.REFUSING;
    private boolean moving;
    private boolean deaf;
    private boolean closed;
    private long silentSinceNanos;
    private @Nullable ServerSocketChannel listening;
    private @Nullable NioServerSocketChannel server;
    private java.nio.channels.@Nullable SocketChannel placeholder;

    /** Makes a door that does not listen yet: {@link #become} opens it. */
    Door(EventLoop loop, InetSocketAddress address, Host host, LongSupplier clock, AcceptQueue queue) {
        this.loop = loop;
        this.address = address;
        this.host = host;
        this.clock = clock;
        this.queue = queue;
    }

    /** The address, with the real port once the door was open. */
    InetSocketAddress address() {
        return address;
    }

    /** Whether the kernel could not be made deaf, so that clients come in although the door is silent. */
    boolean isSilentButAccepting() {
        return mode == Mode.SILENT && !deaf;
    }

    /** Changes the mode; the future completes when the kernel treats new connections that way. */
    Future<Void> become(Mode wanted) {
        Promise<Void> done = loop.newPromise();
        this.wanted = wanted;
        waiting.add(done);
        if (!moving) {
            move();
        }
        return done;
    }

    void close() {
        closed = true;
        if (server != null) {
            Uncaught.watch(server.close());
        }
        dropPlaceholder();
        queue.close();
        settle(null);
    }

    /** Takes one step towards the wanted mode; steps that take a while call this again. */
    private void move() {
        moving = false;
        if (closed || mode == wanted) {
            settle(null);
            return;
        }
        moving = true;
        switch (mode) {
            case OPEN -> {
                if (wanted == Mode.SILENT) {
                    fallSilent();
                } else {
                    stopListening();
                }
            }
            case SILENT -> speak();
            case REFUSING -> listen();
        }
    }

    private void settle(@Nullable Throwable failure) {
        List<Promise<Void>> settled = List.copyOf(waiting);
        waiting.clear();
        for (Promise<Void> promise : settled) {
            if (failure == null) {
                promise.trySuccess(null);
            } else {
                promise.tryFailure(failure);
            }
        }
    }

    private void fail(Throwable failure) {
        moving = false;
        wanted = mode;
        settle(failure);
    }

    private void fallSilent() {
        silentSinceNanos = clock.getAsLong();
        mode = Mode.SILENT;
        NioServerSocketChannel open = open();
        open.config().setAutoRead(false);
        deaf = queue.fill(address);
        if (!deaf) {
            emptyQueue();
            open.config().setAutoRead(true);
        }
        move();
    }

    private void speak() {
        boolean wasDeaf = deaf;
        deaf = false;
        mode = Mode.OPEN;
        if (wasDeaf) {
            emptyQueue();
            open().config().setAutoRead(true);
        }
        move();
    }

    private void emptyQueue() {
        NioServerSocketChannel open = open();
        try {
            queue.drain(
                    listening(), client -> host.onAcceptedLate(new NioSocketChannel(open, client), silentSinceNanos));
        } catch (IOException cannotAccept) {
            open.pipeline().fireExceptionCaught(cannotAccept);
        }
    }

    private void stopListening() {
        Uncaught.watch(open().close());
        server = null;
        listening = null;
        Uncaught.watch(
                loop.schedule(() -> placePlaceholder(PLACEHOLDER_TRIES), ONE_SELECT_MILLIS, TimeUnit.MILLISECONDS));
    }

    /** The port can be bound again only when nobody listens on it any more, so this is also the proof of that. */
    private void placePlaceholder(int triesLeft) {
        if (closed) {
            return;
        }
        try {
            placeholder = java.nio.channels.SocketChannel.open();
            placeholder.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            placeholder.bind(address);
        } catch (IOException stillBound) {
            dropPlaceholder();
            if (triesLeft > 0) {
                Uncaught.watch(
                        loop.schedule(() -> placePlaceholder(triesLeft - 1), ONE_SELECT_MILLIS, TimeUnit.MILLISECONDS));
                return;
            }
        }
        mode = Mode.REFUSING;
        move();
    }

    private void dropPlaceholder() {
        if (placeholder != null) {
            Uncaught.close(placeholder);
            placeholder = null;
        }
    }

    private void listen() {
        try {
            listening = ServerSocketChannel.open();
            listening.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        } catch (IOException noDescriptor) {
            fail(noDescriptor);
            return;
        }
        NioServerSocketChannel next = new NioServerSocketChannel(listening);
        server = next;
        next.config()
                .setBacklog(AcceptQueue.BACKLOG)
                .setRecvByteBufAllocator(
                        new ServerChannelRecvByteBufAllocator().maxMessagesPerRead(AcceptQueue.BACKLOG));
        next.pipeline().addLast(new Acceptor());
        loop.register(next).addListener(registered -> {
            if (registered.isSuccess()) {
                bind(next);
            } else {
                fail(registered.cause());
            }
        });
    }

    private void bind(NioServerSocketChannel next) {
        next.bind(address).addListener(bound -> {
            if (bound.isSuccess()) {
                address = next.localAddress();
                mode = Mode.OPEN;
                dropPlaceholder();
                move();
            } else {
                Uncaught.watch(next.close());
                listenFailed(bound.cause());
            }
        });
    }

    private void listenFailed(Throwable cause) {
        if (closed || placeholder == null) {
            fail(cause);
            return;
        }
        dropPlaceholder(); // a kernel that does not let us listen beside it
        listen();
    }

    private NioServerSocketChannel open() {
        if (server == null) {
            throw new IllegalStateException("the door is not open");
        }
        return server;
    }

    private ServerSocketChannel listening() {
        if (listening == null) {
            throw new IllegalStateException("the door is not open");
        }
        return listening;
    }

    private final class Acceptor extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object accepted) {
            host.onAccepted((SocketChannel) accepted);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cannotAccept) {
            // Out of descriptors, most likely: wait, and try again.
            ctx.channel().config().setAutoRead(false);
            Uncaught.watch(loop.schedule(
                    () -> ctx.channel().config().setAutoRead(mode != Mode.SILENT || !deaf),
                    PAUSE_MILLIS,
                    TimeUnit.MILLISECONDS));
        }
    }
}
