package io.everwire.transport;

import io.everwire.CloseStatus;
import io.everwire.Handshake;
import io.everwire.protocol.FrameWriter;
import io.everwire.protocol.OpeningHandshake;
import io.everwire.protocol.Role;
import io.everwire.session.resume.Offer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What follows when a client is let in: the 101, and behind it a session of its connection's own, the session that it resumes, or a
 * close frame.
 *
 * <p><b>Thread safety.</b> On the channel's event loop, but for {@link #move} and {@link #run}.
 */
final class Welcome {
    private final ServerUpgrade upgrade;
    private final ChannelHandlerContext ctx;
    private final Admission.Answer answer;
    private final Handshake agreed;
    private final String proof;
    private final Duration patience;

    Welcome(
            ServerUpgrade upgrade,
            ChannelHandlerContext ctx,
            HttpRequest head,
            Admission.Answer answer,
            Handshake agreed,
            Duration patience) {
        this.upgrade = upgrade;
        this.ctx = ctx;
        this.answer = answer;
        this.agreed = agreed;
        this.patience = patience;
        proof = proofFor(head);
    }

    Handshake agreed() {
        return agreed;
    }

    /** Who the client is, empty for nobody known. */
    String principal() {
        return agreed.principal() == null ? "" : agreed.principal().getName();
    }

    @Nullable InetAddress address() {
        return agreed.remoteAddress().getAddress();
    }

    EventLoop loop() {
        return ctx.channel().eventLoop();
    }

    Admission.Entry entry() {
        return answer.entry;
    }

    /** Runs a task where the channel lives by then. */
    void run(Runnable task) {
        EventLoop loop = loop();
        Relocation.run(loop, () -> {
            if (loop().inEventLoop()) {
                task.run();
            } else {
                run(task);
            }
        });
    }

    /** Runs a task on an event loop, after the channel was brought there; any thread. */
    void move(EventLoop home, Runnable then) {
        run(() -> upgrade.move(ctx, home, then));
    }

    /** Tells whether the client still waits for its answer. */
    boolean isWaiting() {
        return upgrade.isWaiting(ctx);
    }

    /** Asks the application what the client's session is made of; null when it threw, and the client was told. */
    ServerSession.@Nullable Config config() {
        if (answer.session == null) {
            throw new AssertionError("only who is let in has a reception");
        }
        try {
            return answer.session.apply(agreed);
        } catch (Throwable e) {
            upgrade.fail(ctx, "given a session", e);
            return null;
        }
    }

    /** Begins a session that ends with its connection. */
    void begin(EventLoops loops) {
        ServerSession.Config config = config();
        if (config == null) {
            return;
        }
        upgrade.handleLetIn(ctx);
        ServerSession session = new ServerSession(config, loops, loop(), answer.entry);
        Connection connection = session.begin(ctx.channel(), agreed);
        // Known to the server before the client knows of it: a server that stops now must not miss it.
        answer.entry.began(session);
        write101(ctx, proof, agreed.subprotocol(), agreed.extension());
        ctx.flush();
        ctx.pipeline().addLast(connection);
        session.start(connection);
        // Last the bytes behind the request, which are frames already.
        upgrade.passOn(ctx);
    }

    /**
     * Gives the channel to a session that can be resumed. The 101 is not flushed before there is a hello behind it.
     *
     * @param number of the connection
     */
    void carry(ServerSession session, long number) {
        upgrade.handleLetIn(ctx);
        Connection connection = session.carry(ctx.channel(), agreed, number);
        answer.entry.began(session);
        write101(ctx, proof, Offer.SUBPROTOCOL, agreed.extension());
        ctx.pipeline().addLast(connection);
        session.handleCarried(connection);
        upgrade.passOn(ctx);
    }

    /** Upgrades and closes: a page in a browser is not told an HTTP status. */
    void close(CloseStatus status) {
        if (!isWaiting()) {
            return;
        }
        upgrade.turnAway(ctx, status.code() + ", " + status.reason());
        close(ctx, proof, status, patience);
    }

    /** Upgrades and closes before anything is known of the client but its request. */
    static void close(ChannelHandlerContext ctx, HttpRequest head, CloseStatus status, Duration patience) {
        close(ctx, proofFor(head), status, patience);
    }

    private static void close(ChannelHandlerContext ctx, String proof, CloseStatus status, Duration patience) {
        write101(ctx, proof, Offer.SUBPROTOCOL, null);
        ByteBuf frame = ctx.alloc().buffer();
        new FrameWriter(Role.SERVER, () -> 0).writeClose(frame, status);
        ctx.writeAndFlush(frame).addListener(written -> {
            ChannelEnds.shutdownOutput(ctx.channel());
            ctx.executor().schedule(() -> ctx.close(), patience.toNanos(), TimeUnit.NANOSECONDS);
        });
    }

    /** Refuses with an HTTP status and a sentence in which there is nothing that the client sent. */
    void refuse(int status, String reason, Map<String, String> headers) {
        if (isWaiting()) {
            upgrade.refuse(ctx, status, reason, headers);
        }
    }

    private static String proofFor(HttpRequest head) {
        return OpeningHandshake.accept(
                head.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY).trim());
    }

    private static void write101(
            ChannelHandlerContext ctx, String proof, @Nullable String subprotocol, @Nullable String extension) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("upgrade", "websocket");
        headers.put("connection", "Upgrade");
        headers.put(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT.toString(), proof);
        if (subprotocol != null) {
            headers.put(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL.toString(), subprotocol);
        }
        if (extension != null) {
            headers.put(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS.toString(), extension);
        }
        new HttpAnswer(101, headers, "").writeFirst(ctx);
    }
}
