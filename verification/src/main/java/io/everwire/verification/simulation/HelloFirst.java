package io.everwire.verification.simulation;

import io.everwire.session.resume.Control;
import org.jspecify.annotations.Nullable;

/** I17: hello comes first, the client begins with an ack, and what is replayed comes before what is new, in order. */
final class HelloFirst {
    private final World world;

    HelloFirst(World world) {
        this.world = world;
    }

    void firstHeard(@Nullable Control first) {
        if (!(first instanceof Control.Hello)) {
            throw world.violation("I17: a server's first message is " + first);
        }
    }

    void controlWritten(End end, Link link, Control control) {
        if (end.isClient()) {
            if (!link.hasBegun && !(control instanceof Control.Ack)) {
                throw world.violation("I17: a client begins with " + control);
            }
            link.hasBegun = true;
        } else if (control instanceof Control.Hello hello) {
            if (link.hasGreeted) {
                throw world.violation("I17: a second hello on one connection");
            }
            link.hasGreeted = true;
            // The client sends what follows the received; the server what follows what the client has received.
            link.nextUp = hello.received() + 1;
        } else if (!link.hasGreeted) {
            throw world.violation("I17: a server begins with " + control);
        }
    }

    void written(End end, Link link, long number) {
        boolean isUp = end.isClient();
        if (isUp ? !link.hasBegun : !link.hasGreeted) {
            throw world.violation("I17: DATA before the first control message");
        }
        long expected = isUp ? link.nextUp : link.nextDown;
        if (expected != 0 && number != expected) {
            throw world.violation("I17: number " + number + " follows " + (expected - 1) + " on a connection");
        }
        if (isUp) {
            link.nextUp = number + 1;
        } else {
            link.nextDown = number + 1;
        }
    }
}
