package io.everwire.transport;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads that do all I/O: native epoll where present, NIO elsewhere. May be shared between clients and servers.
 *
 * <p>The property {@code everwire.transport=nio} forces NIO.
 */
public final class EventLoops implements AutoCloseable {
    private static final boolean IS_EPOLL =
            !"nio".equals(System.getProperty("everwire.transport")) && Epoll.isAvailable();
    /** Few enough that a crowd of new connections does not hold the wheel up, whose lateness would pass for a stall. */
    private static final int EVENTS_A_TURN = 128;
    /** The loop's own: its alarm clock, and a task of another thread. */
    private static final int OWN_SOURCES = 2;

    private static final CloseStatus STOPPING = new CloseStatus(CloseCode.GOING_AWAY, "the event loops stop");
    private static final int LONGEST_CLOSE_SECONDS = 10;
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final MultiThreadIoEventLoopGroup group;
    private final Map<EventLoop, LoopCommons> commons = new ConcurrentHashMap<>();
    private final SessionSet<BaseSession> sessions = new SessionSet<>();
    private volatile boolean isClosed;

    private EventLoops(int threads, boolean isDaemon) {
        IoHandlerFactory factory = IS_EPOLL
                ? EpollIoHandler.newFactory(EVENTS_A_TURN, DefaultSelectStrategyFactory.INSTANCE)
                : NioIoHandler.newFactory();
        int number = COUNT.incrementAndGet();
        AtomicInteger thread = new AtomicInteger();
        ThreadFactory daemons =
                task -> new LoopThread(task, "everwire-" + number + "-" + thread.incrementAndGet(), isDaemon);
        group = new MultiThreadIoEventLoopGroup(threads, daemons, factory) {
            @Override
            protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... none) {
                return new Loop(this, executor, handlers);
            }
        };
    }

    /**
     * Starts a group of event loops. Its threads keep the JVM alive until the group is closed.
     *
     * @param threads 1 to 1,024; one per core is enough
     * @throws IllegalArgumentException when the number is outside
     */
    public static EventLoops create(int threads) {
        if (threads < 1 || threads > 1_024) {
            throw new IllegalArgumentException(threads + " event loops; from 1 to 1024 are possible");
        }
        return new EventLoops(threads, false);
    }

    /** Returns the group that everyone who gave none shares: one daemon thread per core, at most four. Never closed. */
    public static EventLoops shared() {
        return Shared.LOOPS;
    }

    /** Tells whether the calling thread is one of Everwire's event loops, which must never be blocked. */
    public static boolean isEventLoop() {
        return Thread.currentThread() instanceof LoopThread;
    }

    /** Throws unless the calling thread may block. */
    static void requireBlockable(String method) {
        if (isEventLoop()) {
            throw new IllegalStateException(
                    method + " would block an event loop; call it from another thread or use the listener style");
        }
    }

    /** Tells whether native epoll is in use. */
    public static boolean isEpoll() {
        return IS_EPOLL;
    }

    /** Returns the next event loop, in turn. */
    public EventLoop next() {
        return group.next();
    }

    /** Returns every event loop, the next one in turn first. */
    List<EventLoop> all() {
        List<EventLoop> all = new ArrayList<>();
        group.forEach(loop -> all.add((EventLoop) loop));
        Collections.rotate(all, -all.indexOf(group.next()));
        return all;
    }

    MultiThreadIoEventLoopGroup group() {
        return group;
    }

    ChannelFactory<? extends ServerChannel> serverChannels() {
        return IS_EPOLL ? LeanServerChannel::new : NioServerSocketChannel::new;
    }

    ChannelFactory<? extends SocketChannel> channels() {
        return IS_EPOLL ? EpollSocketChannel::new : NioSocketChannel::new;
    }

    ChannelFactory<? extends DatagramChannel> datagramChannels() {
        return IS_EPOLL ? EpollDatagramChannel::new : NioDatagramChannel::new;
    }

    LoopCommons commonsOf(EventLoop loop) {
        return commons.computeIfAbsent(loop, LoopCommons::new);
    }

    KnownHeaders headersOf(Channel channel) {
        return commonsOf(channel.eventLoop()).headers;
    }

    /**
     * Acts when everything has been read that is readable now, which takes turns when many peers have something to say. Called on the
     * event loop.
     *
     * @param isWanted asked before each look; when it is not, nothing is done any more
     */
    static void whenRead(EventLoop loop, BooleanSupplier isWanted, Runnable action) {
        lookout(loop).add(isWanted, action);
    }

    /** Returns what looks for those who ask at this moment. */
    static Lookout lookout(EventLoop loop) {
        return loop instanceof Loop own ? own.lookout() : new Lookout(loop, () -> true, () -> true);
    }

    /** Returns how late the calling event loop is with the deadlines of its connections; 0 when it has none. */
    long lagNanos(EventLoop loop, long nowNanos) {
        LoopCommons known = commons.get(loop);
        return known == null ? 0 : known.wheel.lagNanos(nowNanos);
    }

    /**
     * Closes every session on these event loops with 1001, then stops the threads; without waiting, see {@link #terminated}. Does
     * nothing for the shared group.
     */
    @Override
    public void close() {
        if (this == Shared.LOOPS || isClosed) {
            return;
        }
        isClosed = true;
        List<CompletableFuture<?>> ends = new ArrayList<>();
        for (BaseSession session : sessions) {
            stop(session);
            ends.add(session.closed().toCompletableFuture());
        }
        CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
                .orTimeout(LONGEST_CLOSE_SECONDS, TimeUnit.SECONDS)
                .whenComplete((done, error) -> group.shutdownGracefully(0, 2, TimeUnit.SECONDS));
    }

    /** Makes a session end before its event loop does, so that every send is settled. */
    void add(BaseSession session) {
        sessions.add(session);
        if (isClosed) {
            stop(session);
        }
    }

    private static void stop(BaseSession session) {
        if (session instanceof ServerSession server) {
            server.stop(STOPPING);
        } else {
            session.close(STOPPING);
        }
    }

    void remove(BaseSession session) {
        sessions.remove(session);
    }

    /** Returns a stage that completes when the threads have ended. */
    public CompletionStage<Void> terminated() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        group.terminationFuture().addListener(ignored -> done.complete(null));
        return done;
    }

    private static final class Shared {
        static final EventLoops LOOPS =
                new EventLoops(Math.min(4, Runtime.getRuntime().availableProcessors()), true);
    }

    /**
     * An event loop that never ends before its channels. Netty's own closes them a turn after it was told to shut down, and without a
     * quiet period there may be no such turn: what is not yet a session then keeps its descriptor and its buffers for ever.
     */
    private static final class Loop extends SingleThreadIoEventLoop {
        /** NIO takes all that there is in one turn. */
        private final Turns turns = new Turns(IS_EPOLL ? EVENTS_A_TURN : Integer.MAX_VALUE);
        /** Who asks before the next turn; null when nobody has. */
        private @Nullable Lookout lookout;
        /** How many may have had something to say when it was made. */
        private int sources;
        /** Whether somebody has had this turn's time already. */
        private boolean isSliceTaken;

        Loop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory handlers) {
            super(parent, executor, handlers);
        }

        Lookout lookout() {
            Lookout joined = lookout;
            int present = getNumOfRegisteredChannels() + OWN_SOURCES;
            if (joined == null || present > sources) {
                sources = present;
                joined = new Lookout(this, turns.isRead(present), this::takeSlice);
                lookout = joined;
            }
            return joined;
        }

        private boolean takeSlice() {
            boolean isFree = !isSliceTaken;
            isSliceTaken = true;
            return isFree;
        }

        @Override
        protected int runIo() {
            int taken = super.runIo();
            turns.handleTurn(taken);
            lookout = null;
            isSliceTaken = false;
            return taken;
        }

        @Override
        protected boolean confirmShutdown() {
            if (isShuttingDown()) {
                ioHandler().prepareToDestroy();
            }
            return super.confirmShutdown();
        }
    }

    private static final class LoopThread extends FastThreadLocalThread {
        LoopThread(Runnable task, String name, boolean isDaemon) {
            super(task, name);
            setDaemon(isDaemon);
        }
    }
}
