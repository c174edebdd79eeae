package io.everwire.server;

import io.everwire.transport.ServerTls;
import org.jspecify.annotations.Nullable;

/** Where to listen. */
record Binding(String host, int port, @Nullable ServerTls tls) {
    Binding {
        requirePort(port);
    }

    static int requirePort(int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " is outside 0 to 65535");
        }
        return port;
    }

    static int requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least 1");
        }
        return value;
    }
}
