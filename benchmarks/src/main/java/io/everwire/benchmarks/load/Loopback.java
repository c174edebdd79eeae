package io.everwire.benchmarks.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Addresses of this machine; on loopback each of 127.0.0.1 to 127.0.0.254 has ports of its own. */
public final class Loopback {
    private static final int SERVER = 1;

    private Loopback() {}

    /** Returns where servers listen. */
    static InetSocketAddress server(int port) {
        return address(SERVER, port);
    }

    /** Returns an address to connect from, with a port that the kernel chooses. */
    static InetSocketAddress source(int host) {
        return address(host, 0);
    }

    /** Returns a number for an address here, by which both ends of a connection know it: that of its client. */
    public static int number(InetSocketAddress client) {
        byte[] address = client.getAddress().getAddress();
        return address[address.length - 1] << Short.SIZE | client.getPort();
    }

    private static InetSocketAddress address(int host, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) host}), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}
