package io.everwire.verification.simulation;

import io.everwire.session.resume.Control;
import io.everwire.session.resume.ControlCodec;
import io.everwire.session.resume.MalformedControlException;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.SessionId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Who speaks to a server beside the clients, and what is not as our own client would do it. */
final class Strangers {
    /** The attempts of offers that nobody may believe. */
    static final long UNBELIEVABLE = 1_000_000_000L;

    private final World world;

    Strangers(World world) {
        this.world = world;
    }

    /** Returns the same offer, of a client that cannot see WebSocket pings. */
    Offer asBrowser(ClientEnd client, Offer offer) {
        byte[] secret = client.secret;
        Offer flagged = new Offer(
                Offer.FLAG_NO_PINGS,
                offer.nonce(),
                offer.windowKib(),
                offer.windowMessages(),
                offer.largestBytes(),
                offer.claim());
        return offer.claim() == null || secret == null
                ? flagged
                : flagged.sign(secret, ClientEnd.PATH, ClientEnd.SUBPROTOCOLS);
    }

    /** Claims a client's session without knowing its secret, as another principal, or under an id that nobody has. */
    boolean guess(ClientEnd client) {
        SessionId sid = client.engine().sid();
        byte[] secret = client.secret;
        if (sid == null || secret == null) {
            return false;
        }
        int kind = world.chance.below(3);
        byte[] key = secret.clone();
        if (kind == 0) {
            key[world.chance.below(key.length)] ^= 1;
        }
        SessionId claimed = kind == 1 ? new SessionId(sid.high(), sid.low() ^ 1) : sid;
        Offer offer = offer(claimed, UNBELIEVABLE + world.chance.below(1_000), client)
                .sign(key, ClientEnd.PATH, ClientEnd.SUBPROTOCOLS);
        send(new Stranger(sid, false, false), request(offer), kind == 2 ? "somebody else" : "");
        return true;
    }

    /** Sends a request again that was seen on its way and has been used. */
    boolean replay(ClientEnd client) {
        SessionId sid = client.engine().sid();
        Link link = client.newest();
        if (sid == null || link == null || !link.hasHello || client.lastRequest.length == 0) {
            return false;
        }
        send(new Stranger(sid, false, true), client.lastRequest, "");
        return true;
    }

    /** Takes a session over, knowing all that its client knows. */
    boolean steal(ClientEnd client) {
        Ledger ledger = client.ledger;
        byte[] secret = client.secret;
        if (ledger == null || secret == null || client.engine().connection() == 0) {
            return false;
        }
        ledger.isStolen = true;
        Offer offer = offer(ledger.sid, client.engine().attempt() + world.chance.between(1, 4), client)
                .sign(secret, ClientEnd.PATH, ClientEnd.SUBPROTOCOLS);
        send(new Stranger(ledger.sid, true, false), request(offer), "");
        return true;
    }

    private Offer offer(SessionId sid, long attempt, ClientEnd client) {
        return new Offer(
                0,
                world.chance.next(),
                world.plan.clientPolicy.windowBytes() >> 10,
                world.plan.clientPolicy.windowMessages(),
                new Offer.Claim(
                        sid,
                        attempt,
                        client.engine().received(),
                        client.engine().confirmed() + 1,
                        client.engine().sent() + 1));
    }

    private static byte[] request(Offer offer) {
        return String.join(", ", Offer.SUBPROTOCOL, offer.token(), ClientEnd.SUBPROTOCOLS.get(0))
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void send(Stranger stranger, byte[] request, String principal) {
        Node node = world.nodes.get(world.chance.below(world.nodes.size()));
        if (!node.isUp) {
            return;
        }
        Link link = new Link(world, stranger, node, 0);
        link.principal = principal;
        world.links.add(link);
        link.up.write(Pipe.REQUEST, 0, request, 0);
        link.flush(link.up);
        world.agenda.after(world.chance.millis(200, 5_000), () -> link.closeByClient(1000));
    }

    /** Reads its answer, and says as little as it can. */
    final class Stranger implements Caller {
        /** Whose session it wants. */
        final SessionId victim;

        final boolean isThief;
        final boolean isReplay;

        Stranger(SessionId victim, boolean isThief, boolean isReplay) {
            this.victim = victim;
            this.isThief = isThief;
            this.isReplay = isReplay;
        }

        @Override
        public void receive(Link link) {
            Pipe pipe = link.down;
            while (link.isClientOpen && pipe.hasEnvelope()) {
                if (pipe.kind() == Pipe.TEXT && !link.hasHello) {
                    link.hasHello = true;
                    readFirst(pipe);
                } else if (pipe.kind() == Pipe.CLOSE) {
                    link.closeByClient(1000);
                }
                pipe.next();
            }
        }

        private void readFirst(Pipe pipe) {
            try {
                Control first = ControlCodec.parse(ByteBuffer.wrap(pipe.bytes, pipe.start(), pipe.length()));
                world.observer.answered(this, first);
                if (isThief && first instanceof Control.Hello hello && hello.status() == Control.Status.RESUMED) {
                    world.count(Fault.THIEF);
                }
            } catch (MalformedControlException e) {
                world.observer.answered(this, null);
            }
        }

        @Override
        public void handleWritable() {}

        @Override
        public void handleGone(Link link, int code) {
            link.closeByClient(code);
        }

        @Override
        public String toString() {
            return isThief ? "thief" : isReplay ? "replayer" : "stranger";
        }
    }
}
