package io.everwire.faults.proxy;

import io.everwire.faults.ActiveFaults;
import io.everwire.faults.Direction;
import io.everwire.faults.Flow;
import io.everwire.faults.Link;
import io.everwire.faults.Piece;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection and the one made for it to the target: carries what a {@link Link} lets through. Belongs to
 * one event loop.
 *
 * <p>Reads only while the link wants bytes, and polls the link only while the receiver is writable, so what is held is
 * bounded on the way in and on the way out. What was written before a fault came has arrived, as far as the fault is
 * concerned: it waits in front of the receiver, not on the way.
 */
final class ProxiedConnection {

    /** How many pieces are moved before other connections have their turn. */
    private static final int PIECES_PER_TURN = 64;

    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(16 * 1024, 32 * 1024);

    private final EventLoop loop;
    private final LongSupplier clock;
    private final Link link;
    private final Counters counters;
    private final Consumer<ProxiedConnection> onClosed;
    private final Side client;
    private final Side target;
    private boolean pumping;
    private long wakeNanos;
    private @Nullable ScheduledFuture<?> wake;

    /** Neither channel is registered yet. */
    ProxiedConnection(
            EventLoop loop,
            LongSupplier clock,
            Link link,
            Counters counters,
            SocketChannel client,
            SocketChannel target,
            Consumer<ProxiedConnection> onClosed) {
        this.loop = loop;
        this.clock = clock;
        this.link = link;
        this.counters = counters;
        this.onClosed = onClosed;
        this.client = new Side(client, Direction.UP);
        this.target = new Side(target, Direction.DOWN);
    }

    /** Starts to read from the client, and connects to the target. */
    void open(InetSocketAddress targetAddress) {
        client.register();
        target.register();
        target.channel.connect(targetAddress).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        pump();
    }

    void handleFaults(ActiveFaults faults) {
        link.handleFaults(faults, clock.getAsLong());
        pump();
    }

    /** Aborts both sides at once; what was under way is gone. */
    void abort() {
        link.abort(clock.getAsLong());
        client.abort();
        target.abort();
    }

    /** Closes both sides. */
    void close() {
        client.close();
        target.close();
    }

    /** Moves what can be moved, reads what is wanted, and sees to it that this happens again in time. */
    private void pump() {
        if (pumping) {
            return; // called back by what is being moved; the loop below looks again
        }
        pumping = true;
        try {
            for (int i = 0; i < PIECES_PER_TURN; i++) {
                boolean moved = move(target, client);
                if (!move(client, target) && !moved) {
                    break;
                }
            }
        } finally {
            pumping = false;
        }
        client.read();
        target.read();
        arm();
    }

    /** Moves one piece, if there is one and somebody to take it. */
    private boolean move(Side sender, Side receiver) {
        if (!receiver.takes()) {
            return false;
        }
        Piece piece = link.poll(sender.sends, clock.getAsLong());
        if (piece instanceof Piece.Bytes taken) {
            counters.addBytes(sender.sends, taken.bytes().remaining());
            receiver.write(Unpooled.wrappedBuffer(taken.bytes()));
        } else if (piece instanceof Piece.End) {
            receiver.end();
        } else if (piece instanceof Piece.Abort) {
            receiver.abortWhenFlushed();
        }
        return piece != null;
    }

    private void arm() {
        long nextNanos = earlier(deadlineNanos(client, target), deadlineNanos(target, client));
        if (wake != null) {
            if (nextNanos == wakeNanos) {
                return;
            }
            wake.cancel(false);
            wake = null;
        }
        if (nextNanos != Flow.NO_DEADLINE) {
            wakeNanos = nextNanos;
            wake = loop.schedule(this::wakeUp, Math.max(0, nextNanos - clock.getAsLong()), TimeUnit.NANOSECONDS);
        }
    }

    private void wakeUp() {
        wake = null;
        pump();
    }

    private long deadlineNanos(Side sender, Side receiver) {
        return receiver.takes() ? link.deadlineNanos(sender.sends) : Flow.NO_DEADLINE;
    }

    private void onSideClosed(Side side) {
        if (!side.closing) {
            link.handleAbort(side.sends, clock.getAsLong());
        }
        if (!client.channel.isOpen() && !target.channel.isOpen()) {
            if (wake != null) {
                wake.cancel(false);
            }
            onClosed.accept(this);
        } else {
            pump();
        }
    }

    private void closeWhenBothEnded() {
        if (client.ended && target.ended) {
            close();
        }
    }

    private static long earlier(long a, long b) {
        if (a == Flow.NO_DEADLINE || b == Flow.NO_DEADLINE) {
            return a == Flow.NO_DEADLINE ? b : a;
        }
        return a - b < 0 ? a : b;
    }

    /** The client's or the target's end of the connection. */
    private final class Side extends ChannelInboundHandlerAdapter {

        private final SocketChannel channel;

        /** The direction in which this side sends. */
        private final Direction sends;

        /** It was closed here, not by its peer. */
        private boolean closing;

        /** It got everything, and FIN. */
        private boolean ended;

        Side(SocketChannel channel, Direction sends) {
            this.channel = channel;
            this.sends = sends;
        }

        void register() {
            channel.config()
                    .setAutoRead(false)
                    .setAllowHalfClosure(true)
                    .setTcpNoDelay(true)
                    .setConnectTimeoutMillis(CONNECT_TIMEOUT_MILLIS)
                    .setWriteBufferWaterMark(WATER_MARK)
                    .setRecvByteBufAllocator(new FixedRecvByteBufAllocator(Flow.READ_BYTES).maxMessagesPerRead(1));
            channel.pipeline().addLast(this);
            channel.closeFuture().addListener(closed -> onSideClosed(this));
            Uncaught.watch(loop.register(channel));
        }

        /** What goes to a side that vanished is taken by nobody, but has to be polled: the link answers it. */
        boolean takes() {
            return link.hasVanished(sends) || (channel.isActive() && channel.isWritable());
        }

        void read() {
            if (channel.isActive() && !channel.isInputShutdown() && link.wantsBytes(sends)) {
                channel.read();
            }
        }

        void write(ByteBuf bytes) {
            channel.writeAndFlush(bytes).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        }

        void end() {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
                if (channel.isActive()) {
                    channel.shutdownOutput().addListener(shut -> {
                        ended = true;
                        closeWhenBothEnded();
                    });
                }
            });
        }

        void abortWhenFlushed() {
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> abort());
        }

        /** Closes with RST, whatever is still unsent. */
        void abort() {
            try {
                if (channel.isOpen()) {
                    channel.config().setSoLinger(0);
                }
            } catch (ChannelException alreadyGone) {
                // Its peer was faster; there is nothing left to tell it.
            }
            close();
        }

        void close() {
            closing = true;
            Uncaught.watch(channel.close());
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            pump();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            try {
                link.handleBytes(sends, bytes.nioBuffer(), clock.getAsLong());
            } finally {
                bytes.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            pump();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            pump();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                link.handleEnd(sends, clock.getAsLong());
                pump();
            }
        }

        /** Reading or writing failed: the peer has aborted. Closing the channel tells the link. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            Uncaught.watch(ctx.close());
        }
    }
}
