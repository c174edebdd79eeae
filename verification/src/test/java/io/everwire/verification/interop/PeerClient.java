package io.everwire.verification.interop;

/** A client that talks to our server. */
abstract class PeerClient extends Peer {
    PeerClient(String name, Skill... missing) {
        super(name, missing);
    }

    /** Begins to connect, offering {@link Orders#OFFERED}. */
    abstract void dial(String url) throws Exception;
}
