package io.everwire.benchmarks.contestants;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The least that it takes to write the same to many, in Netty: a loop over their channels. It writes what it is told to, and with the
 * property {@code bench.pingMillis} also a ping to everybody in each such span, in equal parts, and reads and forgets what comes.
 */
public final class Crowd implements EchoService {
    private static final int PARTS = 50;
    private static final int PING = 0x89;
    private static final int BINARY = 0x82;
    private static final int NONCE_BYTES = 16;
    private static final int SHORT = 125;

    private final List<Channel> members = new ArrayList<>();
    private final AtomicInteger count = new AtomicInteger();
    private volatile @Nullable Channel first;
    private int next;

    @Override
    public int start() throws Exception {
        return Loop.best().listen(channel -> channel.pipeline().addLast(new Member()));
    }

    private void add(Channel channel) {
        members.add(channel);
        count.incrementAndGet();
        if (first == null) {
            first = channel;
            Integer millis = Integer.getInteger("bench.pingMillis");
            if (millis != null) {
                long part = TimeUnit.MILLISECONDS.toNanos(millis) / PARTS;
                channel.eventLoop().scheduleAtFixedRate(this::pingSome, part, part, TimeUnit.NANOSECONDS);
            }
        }
    }

    private void pingSome() {
        int end = next == PARTS - 1 ? members.size() : (next + 1) * (members.size() / PARTS);
        for (int i = next * (members.size() / PARTS); i < end; i++) {
            Channel member = members.get(i);
            ByteBuf ping =
                    member.alloc().directBuffer(2 + NONCE_BYTES).writeByte(PING).writeByte(NONCE_BYTES);
            member.writeAndFlush(ping.writeLong(i).writeLong(System.nanoTime()), member.voidPromise());
        }
        next = (next + 1) % PARTS;
    }

    @Override
    public int audience() {
        return count.get();
    }

    @Override
    public void broadcast(int times, int bytes) {
        Channel any = first;
        if (any == null || bytes > SHORT) {
            throw new IllegalStateException("nobody is there, or " + bytes + " bytes are too many");
        }
        ByteBuf frame = Unpooled.directBuffer(2 + bytes)
                .writeByte(BINARY)
                .writeByte(bytes)
                .writeZero(bytes);
        for (int i = 0; i < times; i++) {
            any.eventLoop().submit(() -> writeAll(frame)).syncUninterruptibly();
        }
        frame.release();
    }

    private void writeAll(ByteBuf frame) {
        for (Channel member : members) {
            member.writeAndFlush(frame.retainedDuplicate(), member.voidPromise());
        }
    }

    @Sharable
    private final class Member extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            add(ctx.channel());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            ReferenceCountUtil.release(bytes);
        }
    }
}
