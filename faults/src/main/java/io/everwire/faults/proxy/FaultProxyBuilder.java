package io.everwire.faults.proxy;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Describes a {@link FaultProxy}. Only {@link #to} is needed; everything else has a default. Not thread-safe. */
public final class FaultProxyBuilder {

    private static final ProxyListener NOBODY = new ProxyListener() {};

    private final InetSocketAddress address;
    private long seed;
    private ProxyListener listener = NOBODY;
    private @Nullable InetSocketAddress target;
    private @Nullable EventLoopGroup eventLoops;
    private AcceptQueue queue = new AcceptQueue();

    FaultProxyBuilder(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(
                    "the host %s to listen on is unknown".formatted(address.getHostString()));
        }
        this.address = address;
    }

    /**
     * Sets the server for which the proxy stands.
     *
     * @param host its name or address; looked up here, once
     * @param port its TCP port
     * @return this builder
     * @throws IllegalArgumentException if the host is unknown or the port is outside 1 to 65535
     */
    public FaultProxyBuilder to(String host, int port) {
        return to(new InetSocketAddress(host, port));
    }

    /**
     * Sets the server for which the proxy stands.
     *
     * @param target its address
     * @return this builder
     * @throws IllegalArgumentException if the host is unknown or the port is 0
     */
    public FaultProxyBuilder to(InetSocketAddress target) {
        if (target.isUnresolved()) {
            throw new IllegalArgumentException("the host %s is unknown".formatted(target.getHostString()));
        }
        if (target.getPort() == 0) {
            throw new IllegalArgumentException("no server listens on port 0; name its port, from 1 to 65535");
        }
        this.target = target;
        return this;
    }

    /**
     * Sets the seed of everything random (jitter). Each connection has randomness of its own, which depends on the seed
     * and on how many connections came before it.
     *
     * @param seed any number; default 0
     * @return this builder
     */
    public FaultProxyBuilder seed(long seed) {
        this.seed = seed;
        return this;
    }

    /**
     * Sets who is told about changes.
     *
     * @param listener the listener; default nobody
     * @return this builder
     */
    public FaultProxyBuilder listener(ProxyListener listener) {
        this.listener = listener;
        return this;
    }

    /**
     * Sets the event loops to use one of. They stay the caller's: the proxy does not shut them down.
     *
     * @param eventLoops event loops of Netty's NIO transport; default one daemon thread of the proxy's own
     * @return this builder
     */
    public FaultProxyBuilder eventLoops(EventLoopGroup eventLoops) {
        this.eventLoops = eventLoops;
        return this;
    }

    /**
     * Listens, and returns when clients can connect.
     *
     * @return the proxy, without faults
     * @throws IllegalStateException if there is no {@link #to target}, or the event loops are not of the NIO transport
     * @throws java.io.UncheckedIOException if the port is taken or cannot be bound for another reason
     */
    public FaultProxy start() {
        InetSocketAddress server = target;
        if (server == null) {
            throw new IllegalStateException("a fault proxy needs a server to stand for; name it with to(host, port)");
        }
        EventLoop loop = eventLoops == null ? ownLoop() : eventLoops.next();
        FaultProxy proxy = new FaultProxy(this, loop, server, queue);
        Future<Void> opened = proxy.open().awaitUninterruptibly();
        Throwable failure = opened.cause();
        if (failure != null) {
            proxy.close();
            throw Failures.cannotListen(address, failure);
        }
        return proxy;
    }

    /** How the kernel is made deaf. */
    FaultProxyBuilder queue(AcceptQueue queue) {
        this.queue = queue;
        return this;
    }

    InetSocketAddress address() {
        return address;
    }

    long seed() {
        return seed;
    }

    ProxyListener listener() {
        return listener;
    }

    boolean ownsLoop() {
        return eventLoops == null;
    }

    private static EventLoop ownLoop() {
        return new SingleThreadIoEventLoop(
                null, new DefaultThreadFactory("everwire-faults", true), NioIoHandler.newFactory());
    }
}
