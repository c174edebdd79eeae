package io.everwire.transport;

import io.everwire.CompressionPolicy;
import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.protocol.DeflateAgreement;
import io.everwire.protocol.MessageDeflater;
import io.everwire.protocol.MessageInflater;
import io.everwire.protocol.PermessageDeflate;
import io.everwire.protocol.Role;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has that agreed on permessage-deflate: the inflater of its receiving side, and the message that its writing side
 * compresses. A message is compressed when its first fragment is to be written, never before: it belongs to this connection then, while a
 * queue or a resumable session keeps it as it is.
 *
 * <p><b>Thread safety.</b> The connection's event loop only.
 */
final class Compression {
    private final CompressionPolicy policy;
    private final FlatePools pools;
    private final MessageDeflater deflater;
    private final MessageInflater inflater;
    /** The message that is being written and is this connection's alone; null when there is none. */
    private @Nullable ByteBuf own;
    /** The same for one that is encoded for many. */
    private @Nullable List<ByteBuf> shared;
    /** What of it is written: bytes of the one, frames of the other. */
    private int handed;

    private Compression(
            Role role, Channel channel, Limits limits, CompressionPolicy policy, DeflateAgreement agreement) {
        this.policy = policy;
        pools = FlatePools.ofThisLoop();
        pools.enter(channel.eventLoop());
        deflater = new MessageDeflater(pools.pool(), channel.alloc(), role, policy, agreement);
        inflater = new MessageInflater(pools.pool(), channel.alloc(), role, limits, agreement);
    }

    /** Returns what a connection needs, null when its handshake agreed on no extension. */
    static @Nullable Compression of(
            Role role, Channel channel, Handshake handshake, Limits limits, @Nullable CompressionPolicy policy) {
        String extension = handshake.extension();
        return policy == null || extension == null
                ? null
                : new Compression(role, channel, limits, policy, PermessageDeflate.agreement(extension));
    }

    MessageInflater inflater() {
        return inflater;
    }

    /** Writes the next fragment of a message, compressed if that is of use; returns whether it was the last. */
    boolean writeNext(Send send, Outbound output) {
        if (own == null && shared == null && !(isWorthwhile(send) && begin(send))) {
            return send.writeNext(output);
        }
        boolean isLast = writeFragment(send.isText, output);
        if (isLast) {
            end();
        }
        return isLast;
    }

    private boolean isWorthwhile(Send send) {
        return send.length >= policy.thresholdBytes() && !send.isStarted();
    }

    private boolean begin(Send send) {
        handed = 0;
        EncodedMessage encoded = send.encoded();
        if (encoded != null && !deflater.keepsContext()) {
            List<ByteBuf> frames = encoded.compressedFrames(deflater);
            shared = frames.isEmpty() ? null : frames;
        } else {
            ByteBuf payload = send.payload();
            own = deflater.deflate(payload, payload.readerIndex(), payload.readableBytes());
        }
        return own != null || shared != null;
    }

    private boolean writeFragment(boolean isText, Outbound output) {
        List<ByteBuf> frames = shared;
        if (frames != null) {
            output.writeFrame(frames.get(handed++));
            return handed == frames.size();
        }
        ByteBuf payload = own;
        if (payload == null) {
            throw new AssertionError("a message that has begun is the connection's own or shared");
        }
        int fragment = Math.min(Send.FRAGMENT_BYTES, payload.readableBytes() - handed);
        boolean isFirst = handed == 0;
        boolean isLast = handed + fragment == payload.readableBytes();
        output.writeCompressed(isFirst, isLast, isText, payload, handed, fragment);
        handed += fragment;
        return isLast;
    }

    private void end() {
        if (own != null) {
            own.release();
        }
        own = null;
        shared = null;
    }

    /** Writes a whole message that fits one fragment, past the queue; returns false when it is better written as it is. */
    boolean writeNow(boolean isText, ByteBuf payload, Outbound output) {
        if (payload.readableBytes() < policy.thresholdBytes()) {
            return false;
        }
        ByteBuf compressed = deflater.deflate(payload, payload.readerIndex(), payload.readableBytes());
        if (compressed == null) {
            return false;
        }
        try {
            output.writeCompressed(true, true, isText, compressed, 0, compressed.readableBytes());
        } finally {
            compressed.release();
        }
        return true;
    }

    /** Gives everything back, what is begun included. */
    void close() {
        end();
        deflater.close();
        pools.leave();
    }
}
