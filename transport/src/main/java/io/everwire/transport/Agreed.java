package io.everwire.transport;

import io.everwire.Handshake;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a connection keeps of its opening handshake. */
interface Agreed {
    /** Returns what was agreed on; each call may make a new copy. */
    Handshake on(Channel channel);

    /** A handshake that is like no other. */
    record Own(Handshake handshake) implements Agreed {
        @Override
        public Handshake on(Channel channel) {
            return handshake;
        }
    }

    /** What the handshakes of many clients have in common, all but the address. */
    record Common(
            String path,
            Map<String, List<String>> headers,
            @Nullable String subprotocol,
            @Nullable String extension) implements Agreed {
        /** Returns what others may have agreed on too, null when it is one client's alone. */
        static @Nullable Common of(Handshake handshake, Channel channel) {
            boolean isCommon = handshake.query().isEmpty()
                    && handshake.principal() == null
                    && handshake.remoteAddress().equals(channel.remoteAddress())
                    && handshake.peerAddress().equals(channel.remoteAddress());
            return isCommon
                    ? new Common(handshake.path(), handshake.headers(), handshake.subprotocol(), handshake.extension())
                    : null;
        }

        @Override
        public Handshake on(Channel channel) {
            InetSocketAddress peer = (InetSocketAddress) channel.remoteAddress();
            return new Handshake(path, "", headers, peer, subprotocol, peer, null, extension);
        }
    }
}
