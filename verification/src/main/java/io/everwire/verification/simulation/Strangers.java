package io.everwire.verification.simulation;

import io.everwire.session.resume.Offer;

/** Who speaks to a server beside the clients, and what is not as our own client would do it. */
final class Strangers {
    private final World world;

    Strangers(World world) {
        this.world = world;
    }

    /** Returns the same offer, of a client that cannot see WebSocket pings. */
    Offer asBrowser(ClientEnd client, Offer offer) {
        byte[] secret = client.secret;
        Offer flagged =
                new Offer(Offer.FLAG_NO_PINGS, offer.nonce(), offer.windowKib(), offer.windowMessages(), offer.claim());
        return offer.claim() == null || secret == null
                ? flagged
                : flagged.sign(secret, ClientEnd.PATH, ClientEnd.SUBPROTOCOLS);
    }
}
