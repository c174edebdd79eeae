package io.everwire.verification.interop;

import io.everwire.transport.OriginPolicy;

/** A client that talks to our server. */
abstract class PeerClient extends Peer {
    PeerClient(String name, Wire wire, Skill... missing) {
        super(name, wire, missing);
    }

    /** Returns what our server must allow for this client; by default nothing beyond its own default. */
    OriginPolicy origins() throws Exception {
        return OriginPolicy.sameHost();
    }

    /** Begins to connect, offering {@link Orders#OFFERED}. */
    abstract void dial(String url) throws Exception;
}
