package io.everwire.verification.conformance;

/** A server that listens on 127.0.0.1 and echoes every message until it is closed. */
interface ServerUnderTest extends AutoCloseable {
    /** Returns where it listens. */
    int port();

    /** Stops it; nothing listens afterwards. */
    @Override
    void close();

    /** Returns a server that somebody else has started and will stop. */
    static ServerUnderTest alreadyAt(int port) {
        return new ServerUnderTest() {
            @Override
            public int port() {
                return port;
            }

            @Override
            public void close() {}
        };
    }
}
