package io.everwire.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * A connection without a descriptor: a channel on a real event loop whose client is a few lines. It takes what is written, answers
 * pings, acknowledges the hello of a session, and reads into the buffers that a real channel reads into. Everything above it is what
 * a server runs.
 */
final class SyntheticChannel extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);
    private static final int PING = 0x89;
    private static final int PONG = 0x8A;
    private static final int TEXT = 0x81;
    private static final int MASKED = 0x80;
    private static final byte[] FIRST_ACK = "\0ack n=0".getBytes(StandardCharsets.US_ASCII);
    /** An empty line, as an int. */
    private static final int END = 0x0D0A0D0A;

    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final InetSocketAddress local;
    private final InetSocketAddress remote;
    private final Tally tally;
    private boolean isClosed;

    /** What all clients of an event loop have seen. On that event loop. */
    static final class Tally {
        long pings;
        long greeted;
        long closed;
    }

    SyntheticChannel(InetSocketAddress local, InetSocketAddress remote, Tally tally) {
        super(null);
        this.local = local;
        this.remote = remote;
        this.tally = tally;
    }

    /** Delivers bytes of the client, as a read of as many. On the event loop. */
    void receive(byte[] bytes) {
        RecvByteBufAllocator.ExtendedHandle handle =
                (RecvByteBufAllocator.ExtendedHandle) unsafe().recvBufAllocHandle();
        handle.reset(config);
        ByteBuf buffer = handle.allocate(alloc()).writeBytes(bytes);
        handle.lastBytesRead(bytes.length);
        handle.incMessagesRead(1);
        pipeline().fireChannelRead(buffer);
        handle.readComplete();
        pipeline().fireChannelReadComplete();
    }

    private void receiveLater(int opcode, byte[] payload) {
        byte[] frame = new byte[6 + payload.length];
        frame[0] = (byte) opcode;
        frame[1] = (byte) (MASKED | payload.length);
        // The mask is zero.
        System.arraycopy(payload, 0, frame, 6, payload.length);
        eventLoop().execute(() -> {
            if (isOpen()) {
                receive(frame);
            }
        });
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) {
        for (Object message = out.current(); message != null; message = out.current()) {
            handle((ByteBuf) message);
            out.remove();
        }
    }

    private void handle(ByteBuf bytes) {
        int at = bytes.readerIndex();
        if (bytes.getByte(at) == 'H') {
            while (bytes.getInt(at) != END) {
                at++;
            }
            at += Integer.BYTES;
        }
        for (; at < bytes.writerIndex(); at = frame(bytes, at)) {}
    }

    /** Answers one frame, which is whole, and returns where it ends. */
    private int frame(ByteBuf bytes, int at) {
        int opcode = bytes.getUnsignedByte(at);
        int length = bytes.getByte(at + 1);
        int begin = at + 2;
        if (length == 126) {
            length = bytes.getUnsignedShort(begin);
            begin += Short.BYTES;
        }
        if (opcode == PING) {
            byte[] payload = new byte[length];
            bytes.getBytes(begin, payload);
            tally.pings++;
            receiveLater(PONG, payload);
        } else if (opcode == TEXT) {
            tally.greeted++;
            receiveLater(TEXT, FIRST_ACK);
        }
        return begin + length;
    }

    @Override
    protected void doClose() {
        isClosed = true;
        tally.closed++;
    }

    @Override
    public boolean isOpen() {
        return !isClosed;
    }

    @Override
    public boolean isActive() {
        return !isClosed;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected SocketAddress localAddress0() {
        return local;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return remote;
    }

    @Override
    protected void doBeginRead() {}

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("a synthetic channel is bound from the beginning");
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress to, SocketAddress from, ChannelPromise promise) {
                promise.setFailure(new UnsupportedOperationException("a synthetic channel is connected"));
            }
        };
    }
}
