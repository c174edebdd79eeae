package io.everwire.verification.interop;

/** A server that our client talks to. */
abstract class PeerServer extends Peer {
    PeerServer(String name, Wire wire, Skill... missing) {
        super(name, wire, missing);
    }

    /**
     * Starts it on 127.0.0.1 and returns when it listens.
     *
     * @param port the port, 0 for a free one
     * @return the port
     */
    abstract int start(int port) throws Exception;
}
