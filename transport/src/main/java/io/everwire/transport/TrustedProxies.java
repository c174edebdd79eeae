package io.everwire.transport;

import io.everwire.protocol.ForwardedHop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The proxies whose word about their clients is believed. Pure: no name is ever looked up. */
final class TrustedProxies {
    private final List<Block> blocks;

    /** Addresses that begin alike. */
    private static final class Block {
        private final byte[] first;
        private final int bits;

        Block(byte[] first, int bits) {
            this.first = first;
            this.bits = bits;
        }

        boolean contains(byte[] address) {
            if (address.length != first.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit += Byte.SIZE) {
                int mask = bits - bit >= Byte.SIZE ? 0xff : 0xff00 >> (bits - bit) & 0xff;
                if (((address[bit / Byte.SIZE] ^ first[bit / Byte.SIZE]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Where a client really is.
     *
     * @param isSecure whether the client's own connection is TLS
     */
    record Seen(InetSocketAddress address, boolean isSecure) {}

    private TrustedProxies(List<Block> blocks) {
        this.blocks = blocks;
    }

    /**
     * Reads addresses, such as {@code ::1}, and blocks of them, such as {@code 10.0.0.0/8}.
     *
     * @throws IllegalArgumentException for anything else, names included
     */
    static TrustedProxies of(List<String> texts) {
        List<Block> blocks = new ArrayList<>();
        for (String text : texts) {
            int slash = text.indexOf('/');
            byte[] address = NetUtil.createByteArrayFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
            String bits = slash < 0 ? "" : text.substring(slash + 1);
            if (address == null || (slash >= 0 && !bits.matches("\\d{1,3}"))) {
                throw wrong(text);
            }
            int count = slash < 0 ? address.length * Byte.SIZE : Integer.parseInt(bits);
            if (count > address.length * Byte.SIZE) {
                throw wrong(text);
            }
            blocks.add(new Block(address, count));
        }
        return new TrustedProxies(List.copyOf(blocks));
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException("'" + Texts.printable(text)
                + "' is no block of addresses; write an address or a block, as in ::1 or 10.0.0.0/8");
    }

    boolean contains(@Nullable InetAddress address) {
        if (address == null || blocks.isEmpty()) {
            return false;
        }
        byte[] bytes = address.getAddress();
        return blocks.stream().anyMatch(block -> block.contains(bytes));
    }

    /**
     * Follows what a request's headers say. When those of both kinds name different clients, neither is believed: most proxies
     * write one kind and pass on the other as the client wrote it.
     *
     * @param forwarded the values of all {@code Forwarded} lines
     * @param nodes the values of all {@code X-Forwarded-For} lines
     * @param protocols the values of all {@code X-Forwarded-Proto} lines
     */
    Seen follow(
            InetSocketAddress peer, boolean isTls, List<String> forwarded, List<String> nodes, List<String> protocols) {
        Seen seen = follow(peer, isTls, ForwardedHop.parse(forwarded, nodes, protocols));
        if (forwarded.isEmpty() || nodes.isEmpty()) {
            return seen;
        }
        Seen other = follow(peer, isTls, ForwardedHop.parse(List.of(), nodes, protocols));
        return seen.address().getAddress().equals(other.address().getAddress()) ? seen : new Seen(peer, isTls);
    }

    /**
     * Follows the proxies' words from the nearest one as long as they are trusted. The first address that is not is the client's;
     * what it claims itself is not read.
     *
     * @param peer the other end of the TCP connection
     * @param isTls whether this connection is TLS
     * @param hops the nearest proxy's first
     */
    Seen follow(InetSocketAddress peer, boolean isTls, List<ForwardedHop> hops) {
        Seen seen = new Seen(peer, isTls);
        for (ForwardedHop hop : hops) {
            if (!contains(seen.address().getAddress())) {
                break;
            }
            InetSocketAddress client = addressOf(hop.node());
            Boolean isSecure = hop.isSecure();
            if (client == null) {
                // It does not say whom it speaks for, but may say how it was spoken to.
                return new Seen(seen.address(), isSecure == null ? seen.isSecure() : isSecure);
            }
            seen = new Seen(client, isSecure == null ? isTls : isSecure);
        }
        return seen;
    }

    /** Reads an address with or without a port; null for names, {@code unknown} and everything else. */
    private static @Nullable InetSocketAddress addressOf(@Nullable String node) {
        if (node == null) {
            return null;
        }
        int bracket = node.indexOf(']');
        boolean isBracketed = node.startsWith("[") && bracket > 0;
        int colon = isBracketed ? bracket + 1 : node.indexOf(':');
        boolean hasPort = isBracketed ? colon < node.length() : colon >= 0 && node.indexOf(':', colon + 1) < 0;
        String host = isBracketed ? node.substring(1, bracket) : hasPort ? node.substring(0, colon) : node;
        String port = hasPort ? node.substring(colon) : ":0";
        byte[] bytes = host.indexOf('%') >= 0 ? null : NetUtil.createByteArrayFromIpAddressString(host);
        if (bytes == null || !port.matches(":\\d{1,5}") || Integer.parseInt(port.substring(1)) > 65_535) {
            return null;
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), Integer.parseInt(port.substring(1)));
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of 4 or 16 bytes is one", e);
        }
    }
}
