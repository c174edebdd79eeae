package io.everwire.faults.proxy;

import io.everwire.faults.AcceptThenClose;
import io.everwire.faults.ActiveFaults;
import io.everwire.faults.Fault;
import io.everwire.faults.FaultPlan;
import io.everwire.faults.Heal;
import io.everwire.faults.Link;
import io.everwire.faults.Refuse;
import io.everwire.faults.Reset;
import io.everwire.faults.Retransmission;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A TCP proxy that makes the network fail on request.
 *
 * <pre>
 * try (FaultProxy proxy = FaultProxy.listen(9100).to("127.0.0.1", 9000).seed(42).start()) {
 *     proxy.apply(Blackhole.BOTH);
 *     …
 *     proxy.heal();
 * }
 * </pre>
 *
 * <p>It knows nothing of what it carries. Half-closed connections stay half-closed, a receiver that does not read makes
 * its sender wait, and at most about 64 KiB are held in each direction of a connection, or 1 MiB more under a
 * {@link io.everwire.faults.Delay}. What the proxy cannot imitate are the sender's own kernel timers: bytes that end in
 * a blackhole are acknowledged on the way to the proxy, so {@code TCP_USER_TIMEOUT} and keep-alive do not see it.
 *
 * <p>Every method may be called from any thread. The methods that change something have taken effect when they return,
 * unless they are called on the proxy's own event loop (from a {@link ProxyListener}): there, open connections feel the
 * fault at once and new ones a moment later.
 */
public final class FaultProxy implements AutoCloseable {

    private static final int ADMITTED_PER_TURN = 8;

    private final EventLoop loop;
    private final boolean ownsLoop;
    private final long seed;
    private final ProxyListener listener;
    private final InetSocketAddress target;
    private final Door door;
    private final Counters counters = new Counters();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Written by the event loop only. */
    private volatile ActiveFaults faults = ActiveFaults.NONE;

    private final Set<ProxiedConnection> connections = new HashSet<>();

    /** Those who wait for a heal, and those who wait for their SYN to be sent again after it. */
    private final Set<Unanswered> unanswered = new HashSet<>();

    private final Set<Unanswered> sendingAgain = new HashSet<>();

    /** Those who were accepted and are not connected to the target yet. */
    private final ArrayDeque<SocketChannel> arrivals = new ArrayDeque<>();

    private final Set<Future<?>> planned = new HashSet<>();
    private final List<Runnable> closeHooks = new ArrayList<>();

    FaultProxy(FaultProxyBuilder settings, EventLoop loop, InetSocketAddress target, AcceptQueue queue) {
        this.loop = loop;
        this.ownsLoop = settings.ownsLoop();
        this.seed = settings.seed();
        this.listener = settings.listener();
        this.target = target;
        this.door = new Door(loop, settings.address(), new Guests(), FaultProxy::nowNanos, queue);
    }

    /**
     * Begins to describe a proxy that listens on 127.0.0.1.
     *
     * @param port the TCP port; 0 takes a free one, see {@link #port()}
     * @return a builder
     * @throws IllegalArgumentException if the port is outside 0 to 65535
     */
    public static FaultProxyBuilder listen(int port) {
        return listen(new InetSocketAddress(NetUtil.LOCALHOST4, port));
    }

    /**
     * Begins to describe a proxy that listens on the given address.
     *
     * @param address the address; port 0 takes a free one, see {@link #port()}
     * @return a builder
     */
    public static FaultProxyBuilder listen(InetSocketAddress address) {
        return new FaultProxyBuilder(address);
    }

    /** The TCP port on which the proxy listens; the same after {@link #close()}. */
    public int port() {
        return door.address().getPort();
    }

    /**
     * Applies a fault, in addition to the active ones; an active one of the same kind is replaced.
     *
     * @param fault the fault; {@link Heal} ends all, {@link Reset} happens once
     * @throws IllegalStateException if the proxy is closed
     * @throws java.io.UncheckedIOException if the proxy cannot listen again after {@link Refuse}, because somebody else
     *     has taken its port
     */
    public void apply(Fault fault) {
        Future<Void> done = change(fault);
        if (!loop.inEventLoop()) {
            done.awaitUninterruptibly();
            Throwable failure = done.cause();
            if (failure != null) {
                throw Failures.cannotListen(door.address(), failure);
            }
        }
    }

    /**
     * Ends every fault. What a {@link io.everwire.faults.Blackhole} holds leaves when TCP would send it again, which may
     * be as long after the heal as the blackhole lasted; new connections work at once.
     *
     * @throws IllegalStateException if the proxy is closed
     * @throws java.io.UncheckedIOException if the proxy cannot listen again after {@link Refuse}, because somebody else
     *     has taken its port
     */
    public void heal() {
        apply(new Heal());
    }

    /**
     * Starts a plan, whose times count from now. It is not ended by {@link #heal()}; two plans can run at the same time.
     *
     * @param plan the plan
     * @return completes when the last step has taken effect; completes exceptionally if a step fails, and the steps
     *     after it are tried nevertheless; never completes if the proxy is closed before
     * @throws IllegalStateException if the proxy is closed
     */
    public CompletionStage<Void> run(FaultPlan plan) {
        List<CompletableFuture<Void>> steps = new ArrayList<>();
        for (FaultPlan.Step step : plan.steps()) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            steps.add(done);
            execute(() -> schedule(step, done));
        }
        return CompletableFuture.allOf(steps.toArray(new CompletableFuture<?>[0]));
    }

    /** What the proxy is doing now; after {@link #close()}, what it did. */
    public ProxyState state() {
        return new ProxyState(
                port(),
                seed,
                counters.connectionsOpen.get(),
                counters.connectionsTotal.get(),
                counters.bytesUp.get(),
                counters.bytesDown.get(),
                faults.list());
    }

    /** Closes every connection, stops listening and ends the thread, if it is the proxy's own. Closing twice is fine. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        closeOnLoop();
        if (ownsLoop) {
            Future<?> terminated = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            if (!loop.inEventLoop()) {
                terminated.awaitUninterruptibly();
            }
        }
    }

    /** Listens; the future completes when clients can connect. */
    Future<Void> open() {
        Promise<Void> done = loop.newPromise();
        execute(() -> door.become(Door.Mode.OPEN).addListener(opened -> complete(done, opened)));
        return done;
    }

    /** Applies a fault without waiting for it. */
    Future<Void> change(Fault fault) {
        Promise<Void> done = loop.newPromise();
        execute(() -> change(fault, done));
        return done;
    }

    EventLoop loop() {
        return loop;
    }

    InetSocketAddress address() {
        return door.address();
    }

    /** Runs something on the event loop when the proxy is closed. */
    void onClose(Runnable hook) {
        execute(() -> closeHooks.add(hook));
    }

    private void execute(Runnable task) {
        if (closed.get()) {
            throw new IllegalStateException("the fault proxy on port %d is closed".formatted(port()));
        }
        if (loop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(task);
        } catch (RejectedExecutionException shutDown) {
            throw new IllegalStateException(
                    "the event loop of the fault proxy on port %d is shut down".formatted(port()), shutDown);
        }
    }

    private void change(Fault fault, Promise<Void> done) {
        admit(arrivals.size()); // they were here before the fault
        faults = faults.with(fault);
        for (ProxiedConnection connection : List.copyOf(connections)) {
            if (fault instanceof Reset) {
                connection.abort();
            } else {
                connection.handleFaults(faults);
            }
        }
        if (!faults.silencesNewConnections()) {
            answerAtLast();
        }
        tell(() -> listener.onFault(fault, state()));
        door.become(doorMode()).addListener(moved -> {
            if (fault instanceof Reset) {
                Uncaught.watch(
                        loop.schedule(() -> complete(done, moved), Door.ONE_SELECT_MILLIS, TimeUnit.MILLISECONDS));
            } else {
                complete(done, moved);
            }
        });
    }

    /** A cut cable comes first: what refuses is behind it. */
    private Door.Mode doorMode() {
        if (faults.silencesNewConnections()) {
            return Door.Mode.SILENT;
        }
        return faults.has(Refuse.class) ? Door.Mode.REFUSING : Door.Mode.OPEN;
    }

    private void schedule(FaultPlan.Step step, CompletableFuture<Void> done) {
        Future<?> timer = loop.schedule(
                () -> {
                    planned.removeIf(Future::isDone);
                    change(step.fault()).addListener(changed -> {
                        if (changed.isSuccess()) {
                            done.complete(null);
                        } else {
                            done.completeExceptionally(changed.cause());
                        }
                    });
                },
                step.at().toNanos(),
                TimeUnit.NANOSECONDS);
        planned.add(timer);
    }

    private void start(SocketChannel client, OptionalLong lostSinceNanos) {
        long number = counters.connectionsTotal.incrementAndGet();
        counters.connectionsOpen.incrementAndGet();
        long now = nowNanos();
        // The multiplier spreads neighbouring connections over the whole range of seeds.
        Link link = new Link(new SplittableRandom(seed ^ (number * 0x9E3779B97F4A7C15L)), faults, now);
        lostSinceNanos.ifPresent(sinceNanos -> link.handleLostRequest(sinceNanos, now));
        ProxiedConnection connection = new ProxiedConnection(
                loop, FaultProxy::nowNanos, link, counters, client, new NioSocketChannel(), this::onConnectionClosed);
        connections.add(connection);
        connection.open(target);
        tell(() -> listener.onConnectionOpened(state()));
    }

    private void onConnectionClosed(ProxiedConnection connection) {
        if (connections.remove(connection)) {
            counters.connectionsOpen.decrementAndGet();
            tell(() -> listener.onConnectionClosed(state()));
        }
    }

    /** Accepting is quick and connecting is not, so a crowd is admitted in portions, with accepting in between. */
    private void admitSome() {
        admit(ADMITTED_PER_TURN);
        if (!arrivals.isEmpty()) {
            Uncaught.watch(loop.schedule(this::admitSome, 0, TimeUnit.NANOSECONDS));
        }
    }

    private void admit(int count) {
        for (int i = 0; i < count && !arrivals.isEmpty(); i++) {
            start(arrivals.remove(), OptionalLong.empty());
        }
    }

    /** Lets in those who came during a blackhole, each when its SYN would have been sent again. */
    private void answerAtLast() {
        long now = nowNanos();
        for (Unanswered waiting : unanswered) {
            long atNanos = Retransmission.OPENING.firstAtOrAfter(waiting.sinceNanos(), now);
            Uncaught.watch(loop.schedule(() -> answer(waiting), atNanos - now, TimeUnit.NANOSECONDS));
        }
        sendingAgain.addAll(unanswered);
        unanswered.clear();
    }

    private void answer(Unanswered waiting) {
        sendingAgain.remove(waiting);
        receive(waiting.client(), waiting.sinceNanos());
    }

    private void receive(SocketChannel client, long sinceNanos) {
        if (closed.get() || faults.has(AcceptThenClose.class)) {
            client.unsafe().closeForcibly();
        } else if (door.isSilentButAccepting()) {
            unanswered.add(new Unanswered(client, sinceNanos));
        } else {
            arrivals.add(client);
            if (arrivals.size() == 1) {
                Uncaught.watch(loop.schedule(this::admitSome, 0, TimeUnit.NANOSECONDS));
            }
        }
    }

    private void closeOnLoop() {
        Promise<Void> done = loop.newPromise();
        try {
            loop.execute(() -> {
                try {
                    closeEverything();
                } finally {
                    // One select later the JDK has really closed it all.
                    Uncaught.watch(
                            loop.schedule(() -> done.trySuccess(null), Door.ONE_SELECT_MILLIS, TimeUnit.MILLISECONDS));
                }
            });
        } catch (RejectedExecutionException shutDown) {
            return; // and a loop that shuts down closes what it has
        }
        if (!loop.inEventLoop()) {
            done.awaitUninterruptibly();
        }
    }

    private void closeEverything() {
        planned.forEach(timer -> timer.cancel(false));
        closeHooks.forEach(Runnable::run);
        List.copyOf(connections).forEach(ProxiedConnection::close);
        arrivals.forEach(client -> client.unsafe().closeForcibly());
        arrivals.clear();
        unanswered.forEach(waiting -> waiting.client().unsafe().closeForcibly());
        sendingAgain.forEach(waiting -> waiting.client().unsafe().closeForcibly());
        door.close();
    }

    private static void tell(Runnable news) {
        try {
            news.run();
        } catch (RuntimeException thrownByListener) {
            Uncaught.report(thrownByListener);
        }
    }

    private static void complete(Promise<Void> promise, Future<?> result) {
        if (result.isSuccess()) {
            promise.trySuccess(null);
        } else {
            promise.tryFailure(result.cause());
        }
    }

    /** The one place where the real clock is read. */
    private static long nowNanos() {
        return System.nanoTime();
    }

    /** A client that was accepted during a blackhole, where no kernel could be made deaf. */
    private record Unanswered(SocketChannel client, long sinceNanos) {}

    private final class Guests implements Door.Host {
        @Override
        public void onAccepted(SocketChannel client) {
            receive(client, nowNanos());
        }

        @Override
        public void onAcceptedLate(SocketChannel client, long silentSinceNanos) {
            if (door.isSilentButAccepting() || faults.has(AcceptThenClose.class)) {
                receive(client, silentSinceNanos);
            } else {
                start(client, OptionalLong.of(silentSinceNanos));
            }
        }
    }
}
