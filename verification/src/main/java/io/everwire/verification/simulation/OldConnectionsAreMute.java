package io.everwire.verification.simulation;

/** I6: once an end has said what it received, nothing that comes on an older connection counts. */
final class OldConnectionsAreMute {
    private final World world;

    OldConnectionsAreMute(World world) {
        this.world = world;
    }

    void opened(Link link, ServerEnd server) {
        server.newest = link;
    }

    void offered(Link link, ClientEnd client) {
        client.newest = link;
    }

    void received(End end, Link link, long number) {
        if (end.newest != link) {
            throw world.violation("I6: number " + number + " was counted from a connection that is not the newest");
        }
    }
}
