package io.everwire.benchmarks.contestants;

import java.io.IOException;

/** A server that sends every message back, at {@code /echo} on 127.0.0.1. Made by name, with a constructor that takes nothing. */
public interface EchoService {
    /** Where a server echoes; a raw one has no path. */
    String PATH = "/echo";

    /** Where a server that can broadcast has its audience. */
    String GROUP = "/group";

    /** Where a server notes whom it has given up. */
    String WATCH = "/watch";

    /** The largest message that the suites send, and room for more. */
    int LARGEST_MESSAGE = 1 << 20;

    /** So many may wait to be accepted; the kernel's own limit is as high where these suites run. */
    int BACKLOG = 4_096;

    /** Starts the server on a free port and returns it. */
    int start() throws Exception;

    /** Returns how many would hear a broadcast now. */
    default int audience() {
        return 0;
    }

    /** Returns what it says to an order of its own. */
    default String tell(String order) throws IOException {
        throw new IOException("the order '" + order + "' is unknown");
    }

    /**
     * Sends the same binary message to everybody who is connected, some times, and returns when all of it has been handed to the
     * library, which may still be writing.
     */
    default void broadcast(int times, int bytes) {
        throw new UnsupportedOperationException(getClass().getSimpleName() + " does not broadcast; ask another");
    }
}
