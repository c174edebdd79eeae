package io.everwire.transport;

import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One exception of {@code no_proxy}, as Go's {@code net/http} reads it.
 *
 * @param name a host name, {@code *} for all, empty for an address
 * @param isBelowOnly whether the name itself is not meant
 * @param address an IP address or a network, null for a name
 * @param prefixBits how many bits of the address count
 * @param port the only port that is meant, 0 for all
 */
record NoProxyRule(String name, boolean isBelowOnly, byte @Nullable [] address, int prefixBits, int port) {
    static List<NoProxyRule> parse(String rules) {
        List<NoProxyRule> parsed = new ArrayList<>();
        for (String rule : rules.split(",", -1)) {
            String text = rule.strip().toLowerCase(Locale.ROOT);
            if (!text.isEmpty()) {
                parsed.add(parseOne(text));
            }
        }
        return parsed;
    }

    private static NoProxyRule parseOne(String text) {
        int slash = text.indexOf('/');
        if (slash > 0) {
            byte[] network = NetUtil.createByteArrayFromIpAddressString(text.substring(0, slash));
            int bits = numberOf(text.substring(slash + 1), 128);
            if (network != null && bits >= 0 && bits <= 8 * network.length) {
                return new NoProxyRule("", false, network, bits, 0);
            }
        }
        String host = text;
        int port = 0;
        int colon = text.lastIndexOf(':');
        boolean isBareAddress = NetUtil.createByteArrayFromIpAddressString(text) != null;
        int number = colon > 0 && !isBareAddress ? numberOf(text.substring(colon + 1), 65_535) : -1;
        if (number > 0) {
            host = text.substring(0, colon);
            port = number;
        }
        host = ClientTls.nameOf(host);
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        if (address != null) {
            return new NoProxyRule("", false, address, 8 * address.length, port);
        }
        boolean isBelowOnly = host.startsWith(".") || host.startsWith("*.");
        String name =
                host.equals("*") ? host : host.substring(host.startsWith("*.") ? 2 : host.startsWith(".") ? 1 : 0);
        return new NoProxyRule(name, isBelowOnly, null, 0, port);
    }

    private static int numberOf(String digits, int most) {
        boolean isNumber =
                !digits.isEmpty() && digits.length() < 6 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        int number = isNumber ? Integer.parseInt(digits) : -1;
        return number <= most ? number : -1;
    }

    /**
     * Tells whether a host is meant.
     *
     * @param host in lower case, without brackets
     * @param hostAddress the same as an IP address, null when it is a name
     */
    boolean matches(String host, byte @Nullable [] hostAddress, int hostPort) {
        if (port != 0 && port != hostPort) {
            return false;
        }
        if (name.equals("*")) {
            return true;
        }
        if (address != null) {
            return hostAddress != null && isInside(hostAddress, address);
        }
        return host.endsWith("." + name) || (!isBelowOnly && host.equals(name));
    }

    private boolean isInside(byte[] hostAddress, byte[] network) {
        if (hostAddress.length != network.length) {
            return false;
        }
        for (int bit = 0; bit < prefixBits; bit++) {
            int mask = 0x80 >> (bit % 8);
            if ((hostAddress[bit / 8] & mask) != (network[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }
}
