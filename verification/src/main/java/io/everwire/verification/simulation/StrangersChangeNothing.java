package io.everwire.verification.simulation;

import io.everwire.LossReason;
import io.everwire.session.resume.Control;
import org.jspecify.annotations.Nullable;

/** I13: who has a bad mac, another principal, or a request that was used already changes nothing, and learns nothing. */
final class StrangersChangeNothing {
    private final World world;

    StrangersChangeNothing(World world) {
        this.world = world;
    }

    void claimed(long attempt) {
        if (attempt >= Strangers.UNBELIEVABLE) {
            throw world.violation("I13: the store is asked for a claim whose mac is bad");
        }
    }

    void opened(Link link, ServerEnd server) {
        if (link.caller instanceof Strangers.Stranger stranger
                && !stranger.isThief
                && server.engine().sid().equals(stranger.victim)) {
            throw world.violation("I13: a stranger is put on a session");
        }
    }

    void answered(Strangers.Stranger stranger, @Nullable Control first) {
        if (stranger.isThief || stranger.isReplay) {
            return;
        }
        boolean isSilent = first instanceof Control.Hello hello
                && hello.status() == Control.Status.FRESH
                && hello.reason() == LossReason.UNKNOWN
                && hello.peerReceived() < 0;
        if (!isSilent) {
            throw world.violation("I13: a stranger is told " + first);
        }
    }
}
