package io.everwire.cli;

import java.net.InetSocketAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Where to listen or to connect to.
 *
 * @param host a name or an address, an IPv6 one without brackets
 * @param port 0 to 65535
 */
record HostPort(String host, int port) {
    /** Resolves the host; the address says whether it is known. */
    InetSocketAddress address() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** Reads {@code 9100}, {@code 127.0.0.1:9100}, {@code [::1]:9100}; a bare port is on 127.0.0.1. */
    static final class Converter implements ITypeConverter<HostPort> {
        @Override
        public HostPort convert(String text) {
            int colon = text.lastIndexOf(':');
            String host = colon < 0 ? "127.0.0.1" : text.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            } else if (host.isEmpty() || host.indexOf(':') >= 0) {
                throw wrong(text);
            }
            String digits = text.substring(colon + 1);
            if (!digits.matches("\\d{1,5}") || Integer.parseInt(digits) > 65_535) {
                throw wrong(text);
            }
            return new HostPort(host, Integer.parseInt(digits));
        }

        private static TypeConversionException wrong(String text) {
            return new TypeConversionException(
                    "'" + text + "' is no [host:]port; write 9000, 127.0.0.1:9000 or [::1]:9000");
        }
    }
}
