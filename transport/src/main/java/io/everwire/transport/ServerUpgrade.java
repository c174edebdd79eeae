package io.everwire.transport;

import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.protocol.OpeningHandshake;
import io.everwire.protocol.ServerVerdict;
import io.everwire.session.StormControl;
import io.everwire.session.resume.MalformedOfferException;
import io.everwire.session.resume.Offer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of the opening handshake: reads one request within its deadline and limits, applies the {@link Entrance}'s rules,
 * asks the {@link Admission}, and either hands the channel to a new session or answers with a status and a sentence and closes.
 *
 * <p>Handlers are added when the first byte has come and shows what is spoken: who connects and says nothing costs next to nothing.
 */
final class ServerUpgrade extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ServerUpgrade.class);
    /** RFC 8446 §5.1: the type of a record that holds a handshake, the first byte of TLS. */
    private static final byte TLS_HANDSHAKE = 22;
    /** What may be held of a client before it is let in, in memory and not in bytes sent; beyond, it is read no further. */
    private static final int MOST_HELD_BYTES = 64 << 10;

    private static final int HELD_OVERHEAD_BYTES = 128;

    private final EventLoops loops;
    private final Entrance entrance;
    private final Limits limits;
    private final @Nullable ServerTls tls;
    private final Visit visit;
    private final ArrayDeque<ByteBuf> held = new ArrayDeque<>();
    private Phase phase = Phase.SILENT;
    private int heldBytes;
    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable HttpRequest request;
    private @Nullable CompletionStage<Admission.Answer> judging;
    private long deadlineNanos;
    /** Null until the first byte. */
    private StormGate.@Nullable Caller caller;

    private enum Phase {
        /** No byte has come. */
        SILENT,
        READING,
        /** The admission was asked and has not answered, or its session is looked for. */
        JUDGING,
        /** Refused; what still comes is dropped. */
        ANSWERED,
        UPGRADED
    }

    private ServerUpgrade(EventLoops loops, Entrance entrance, @Nullable ServerTls tls, Visit visit) {
        this.loops = loops;
        this.entrance = entrance;
        this.tls = tls;
        this.visit = visit;
        limits = entrance.rules.limits();
    }

    /** Prepares an accepted channel. */
    static void install(Channel channel, EventLoops loops, Entrance entrance, @Nullable ServerTls tls) {
        if (!(channel.remoteAddress() instanceof InetSocketAddress)) {
            // It is gone already, and with it its address.
            channel.close();
            return;
        }
        Visit visit = Visit.begin(entrance, channel);
        KernelProgress.configure(channel);
        if (tls == null) {
            channel.config().setRecvByteBufAllocator(ReadBuffer.OWN);
        }
        channel.pipeline().addLast(new ServerUpgrade(loops, entrance, tls, visit));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        // Absolute, not per read: a request that drips in byte by byte does not extend it.
        deadlineNanos = RealClock.nanos() + limits.handshakeTimeout().toNanos();
        armDeadline(ctx);
    }

    private void armDeadline(ChannelHandlerContext ctx) {
        long left = Math.max(0, deadlineNanos - RealClock.nanos());
        deadline = ctx.executor().schedule(() -> handleLate(ctx), left, TimeUnit.NANOSECONDS);
    }

    private void handleLate(ChannelHandlerContext ctx) {
        CompletionStage<Admission.Answer> asked = judging;
        if (phase == Phase.JUDGING && asked != null) {
            refuse(ctx, 503, "the server could not decide in time whether to let you in", Entrance.retryAfter(1));
            cancel(asked);
            return;
        }
        if (phase != Phase.ANSWERED) {
            tell(ctx, "no complete request within " + limits.handshakeTimeout().toMillis() + " ms");
        }
        ctx.close();
    }

    private static void cancel(CompletionStage<?> stage) {
        try {
            stage.toCompletableFuture().cancel(true);
        } catch (UnsupportedOperationException e) {
            LOG.debug("the authenticator's stage cannot be cancelled");
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        leave();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        CompletionStage<Admission.Answer> asked = judging;
        if (phase == Phase.JUDGING && asked != null) {
            phase = Phase.ANSWERED;
            cancel(asked);
        }
        leave();
    }

    private void leave() {
        if (deadline != null) {
            deadline.cancel(false);
        }
        for (ByteBuf bytes = held.poll(); bytes != null; bytes = held.poll()) {
            bytes.release();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes && phase == Phase.SILENT) {
            begin(ctx, bytes);
        } else if (message instanceof ByteBuf bytes && phase == Phase.JUDGING) {
            hold(ctx, bytes);
        } else {
            try {
                read(ctx, message);
            } finally {
                ReferenceCountUtil.release(message);
            }
        }
    }

    /** Looks at the first byte, adds the handlers that understand it, and lets them read it. */
    private void begin(ChannelHandlerContext ctx, ByteBuf bytes) {
        if (!bytes.isReadable()) {
            bytes.release();
            return;
        }
        byte first = bytes.getByte(bytes.readerIndex());
        ChannelPipeline pipeline = ctx.pipeline();
        ServerTls server = tls;
        if (refusesUnread(ctx, bytes, first == TLS_HANDSHAKE)) {
            bytes.release();
            return;
        }
        if (server != null && first == TLS_HANDSHAKE) {
            pipeline.addFirst(server.handler(ctx.alloc()));
        } else if (server != null) {
            bytes.release();
            refuse(ctx, 400, "this port speaks TLS; use wss:// or https://", Map.of());
            return;
        } else if (first == TLS_HANDSHAKE) {
            bytes.release();
            refuse(
                    ctx,
                    400,
                    "this is not an HTTP request but TLS, which this port does not speak; use ws://",
                    Map.of());
            return;
        }
        phase = Phase.READING;
        pipeline.addBefore(ctx.name(), "request", HttpHeads.requestDecoder(limits));
        pipeline.fireChannelRead(bytes);
    }

    /** Turns a client away before anything is made for it, when the server has too much to do. */
    private boolean refusesUnread(ChannelHandlerContext ctx, ByteBuf bytes, boolean isTls) {
        caller = entrance.storm.meet(ctx.channel(), loops, entrance::unheard);
        if (caller.isRefusedUnheard(isTls)) {
            phase = Phase.ANSWERED;
            tell(ctx, "the server has too much to do even to say so");
            ChannelEnds.reset(ctx.channel());
            return true;
        }
        StormControl.Slot slot =
                tls != null || entrance.isDraining() ? null : caller.slotUnparsed(bytes, entrance.rules.healthPath());
        if (slot != null) {
            refuse(ctx, 503, StormGate.REASON, StormGate.headersOf(slot));
        }
        return slot != null;
    }

    private void hold(ChannelHandlerContext ctx, ByteBuf bytes) {
        held.add(bytes);
        // A client that sends byte by byte fills a buffer with each.
        heldBytes += bytes.capacity() + HELD_OVERHEAD_BYTES;
        if (heldBytes > MOST_HELD_BYTES) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    private void read(ChannelHandlerContext ctx, Object message) {
        if (phase != Phase.READING) {
            return;
        }
        if (message instanceof HttpRequest head) {
            request = head;
            if (head.decoderResult().isFailure()) {
                refuseUndecodable(ctx, head.decoderResult());
            } else {
                judge(ctx, head);
            }
        } else if (message instanceof LastHttpContent && request != null) {
            ask(ctx, request);
        }
    }

    private void refuseUndecodable(ChannelHandlerContext ctx, DecoderResult result) {
        if (result.cause() instanceof TooLongHttpLineException) {
            refuse(ctx, 414, "the request line is longer than " + limits.headerLineBytes() + " bytes", Map.of());
        } else if (result.cause() instanceof TooLongHttpHeaderException) {
            refuse(ctx, 431, "the headers are longer than " + limits.headerBytes() + " bytes", Map.of());
        } else {
            refuse(ctx, 400, "this is not an HTTP request", Map.of());
        }
    }

    /** Judges the head as soon as it is complete: a body is refused before its first byte. */
    private void judge(ChannelHandlerContext ctx, HttpRequest head) {
        if (head.headers().size() > limits.headerLines()) {
            refuse(ctx, 431, "more than " + limits.headerLines() + " header lines", Map.of());
            return;
        }
        for (Map.Entry<String, String> header : head.headers()) {
            if (header.getKey().length() + header.getValue().length() + 2 > limits.headerLineBytes()) {
                refuse(ctx, 431, "a header line is longer than " + limits.headerLineBytes() + " bytes", Map.of());
                return;
            }
        }
        if (HttpHeads.isPlain(head) && HttpHeads.pathOf(head).equals(entrance.rules.healthPath())) {
            phase = Phase.ANSWERED;
            boolean isIll = entrance.isDraining();
            new HttpAnswer(isIll ? 503 : 200, Map.of("cache-control", "no-store"), isIll ? "draining\n" : "ok\n")
                    .sendLast(ctx, head.method().equals(HttpMethod.GET), limits.closeTimeout());
            return;
        }
        ServerVerdict verdict = OpeningHandshake.judgeRequest(HttpHeads.of(head));
        if (!verdict.isAcceptable()) {
            // The sentence quotes what the client sent, which is for the client and not for the log.
            answer(
                    ctx,
                    HttpAnswer.refusal(verdict.status(), verdict.headers(), verdict.reason()),
                    "no valid request for an upgrade");
        }
    }

    /** Applies the entrance's rules to a valid request, the cheapest first, and asks the admission. */
    private void ask(ChannelHandlerContext ctx, HttpRequest head) {
        HttpAnswer closed = entrance.closedAnswer();
        if (closed != null) {
            answer(ctx, closed, closed.body().strip());
            return;
        }
        List<String> offered;
        Offer offer;
        String extension;
        try {
            offered = OpeningHandshake.parseSubprotocols(head.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL));
            offer = entrance.sessions == null ? null : Offer.find(offered);
            extension = entrance.rules.extensionFor(head.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS));
        } catch (IllegalArgumentException | MalformedOfferException e) {
            answer(ctx, HttpAnswer.refusal(400, Map.of(), String.valueOf(e.getMessage())), "no valid offers");
            return;
        }
        TrustedProxies.Seen seen = seen(ctx, head);
        String host = String.valueOf(head.headers().get(HttpHeaderNames.HOST));
        if (!entrance.rules.origins().allows(head.headers().getAll(HttpHeaderNames.ORIGIN), host, seen.isSecure())) {
            refuse(ctx, 403, "pages of this origin may not connect to this server", Map.of());
            return;
        }
        String full = visit.settle(seen.address().getAddress());
        if (full != null) {
            refuse(ctx, 503, full, Entrance.retryAfter(2));
            return;
        }
        StormControl.Slot slot = caller == null ? null : caller.slot(head);
        if (slot != null) {
            putOff(ctx, head, offer, slot);
            return;
        }
        phase = Phase.JUDGING;
        // The client has done its part; how long the decision takes is not its fault.
        visit.finish();
        // What follows is frames. It comes here as bytes once the decoder is gone, and waits.
        ctx.pipeline().remove(HttpRequestDecoder.class);
        Handshake asked = HttpHeads.handshakeOf(ctx.channel(), head, seen.address());
        // The offer is ours; the application is shown what the client's application offers.
        List<String> shown = offer == null ? offered : Offer.application(offered);
        Wish wish = new Wish(head, offer, shown, extension);
        try {
            CompletionStage<Admission.Answer> stage = entrance.admission.judge(asked, shown);
            judging = stage;
            stage.whenComplete((answer, error) -> {
                if (ctx.executor().inEventLoop()) {
                    settle(ctx, asked, answer, error, wish);
                } else {
                    ctx.executor().execute(() -> settle(ctx, asked, answer, error, wish));
                }
            });
        } catch (Throwable e) {
            settle(ctx, asked, null, e, wish);
        }
    }

    /** Says when to come back; a page that knows our sessions is told it where it can read it. */
    private void putOff(ChannelHandlerContext ctx, HttpRequest head, @Nullable Offer offer, StormControl.Slot slot) {
        if (offer != null && head.headers().contains(HttpHeaderNames.ORIGIN)) {
            ctx.pipeline().remove(HttpRequestDecoder.class);
            turnAway(ctx, StormGate.REASON);
            Welcome.close(ctx, head, StormGate.closeOf(slot), limits.closeTimeout());
        } else {
            refuse(ctx, 503, StormGate.REASON, StormGate.headersOf(slot));
        }
    }

    /** What a client asks for beside its path: a session to be resumed, null for none, and what it is answered to extensions. */
    private record Wish(
            HttpRequest head,
            @Nullable Offer offer,
            List<String> subprotocols,
            @Nullable String extension) {}

    private void settle(
            ChannelHandlerContext ctx,
            Handshake asked,
            Admission.@Nullable Answer answer,
            @Nullable Throwable error,
            Wish wish) {
        if (phase != Phase.JUDGING) {
            return;
        }
        if (answer == null) {
            fail(ctx, "judged", error == null ? new IllegalStateException("the answer is null") : error);
        } else if (answer.session == null) {
            refuse(ctx, answer.status, answer.reason, answer.headers);
        } else {
            Map<String, List<String>> kept = loops.headersOf(ctx.channel()).kept(asked.headers(), wish.subprotocols());
            Handshake agreed = HttpHeads.agreedOf(asked, kept, answer, wish.extension());
            Welcome welcome = new Welcome(this, ctx, wish.head(), answer, agreed, limits.closeTimeout());
            SessionHouse sessions = entrance.sessions;
            HttpAnswer closed = entrance.closedAnswer();
            if (wish.offer() == null || sessions == null) {
                welcome.begin(loops);
            } else if (closed != null) {
                answer(ctx, closed, closed.body().strip());
            } else {
                new Arrival(sessions, loops, welcome, wish.offer(), wish.subprotocols()).open();
            }
        }
    }

    void fail(ChannelHandlerContext ctx, String what, Throwable error) {
        // Not its message, which may quote a credential: the application logs what it may.
        StackTraceElement[] trace = error.getStackTrace();
        LOG.error(
                "a request could not be {}, {} was thrown at {}; it is answered with 500",
                what,
                error.getClass().getName(),
                trace.length == 0 ? "an unknown place" : trace[0]);
        refuse(ctx, 500, "the server failed to judge the request", Map.of());
    }

    // ---- for the welcome ----

    /** Tells whether the client still waits for its answer. */
    boolean isWaiting(ChannelHandlerContext ctx) {
        return phase == Phase.JUDGING && ctx.channel().isActive();
    }

    /** Reads again: the answer is a 101. */
    void handleLetIn(ChannelHandlerContext ctx) {
        phase = Phase.UPGRADED;
        visit.stay();
        ctx.channel().config().setAutoRead(true);
    }

    /** Leaves the channel to the handler behind this one, with the bytes that came behind the request, which are frames already. */
    void passOn(ChannelHandlerContext ctx) {
        boolean isHeld = !held.isEmpty();
        for (ByteBuf bytes = held.poll(); bytes != null; bytes = held.poll()) {
            ctx.fireChannelRead(bytes);
        }
        if (isHeld) {
            ctx.fireChannelReadComplete();
        }
        ctx.pipeline().remove(this);
    }

    /** Brings the channel to another event loop, and its deadline with it, if the client still waits. */
    void move(ChannelHandlerContext ctx, EventLoop home, Runnable then) {
        ScheduledFuture<?> left = deadline;
        if (home.inEventLoop() || !isWaiting(ctx)) {
            Relocation.run(home, then);
            return;
        }
        if (left != null) {
            left.cancel(false);
        }
        Relocation.move(ctx.channel(), home, () -> {
            if (isWaiting(ctx)) {
                armDeadline(ctx);
            }
            then.run();
        });
    }

    /** Turns a client away; what still comes is dropped. */
    void turnAway(ChannelHandlerContext ctx, String why) {
        visit.turnAway();
        phase = Phase.ANSWERED;
        // It may have been stopped: what is not read would turn the end into a reset.
        ctx.channel().config().setAutoRead(true);
        tell(ctx, why);
    }

    // ---- answers ----

    private TrustedProxies.Seen seen(ChannelHandlerContext ctx, HttpRequest head) {
        return entrance.proxies.follow(
                (InetSocketAddress) ctx.channel().remoteAddress(),
                tls != null,
                head.headers().getAll("forwarded"),
                head.headers().getAll("x-forwarded-for"),
                head.headers().getAll("x-forwarded-proto"));
    }

    /** Refuses with a sentence in which there is nothing that the client sent. */
    void refuse(ChannelHandlerContext ctx, int status, String reason, Map<String, String> headers) {
        answer(ctx, HttpAnswer.refusal(status, headers, reason), reason);
    }

    private void answer(ChannelHandlerContext ctx, HttpAnswer answer, String why) {
        turnAway(ctx, answer.status() + ", " + why);
        answer.sendLast(ctx, true, limits.closeTimeout());
    }

    private void tell(ChannelHandlerContext ctx, String why) {
        entrance.refusals.tell(
                ctx.channel().remoteAddress(),
                request == null || request.decoderResult().isFailure() ? "" : HttpHeads.pathOf(request),
                why);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent done
                && !done.isSuccess()
                && ctx.channel().isActive()) {
            tell(ctx, "the TLS handshake failed: " + Texts.describe(done.cause()));
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
