package io.everwire.transport;

import io.everwire.protocol.Role;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

/**
 * What the connections of one event loop have in common: its wheel, and what would be the same in each of them.
 *
 * <p><b>Thread safety.</b> Used on its event loop only.
 */
final class LoopCommons {
    /** How many kinds of session are remembered; an application has one for each path that it serves. */
    private static final int MOST_TERMS = 64;

    final Wheel wheel;
    final KnownHeaders headers = new KnownHeaders();
    final KeptBytes.Spares spareChunks = new KeptBytes.Spares();
    private final EventLoop loop;
    private final List<Terms> terms = new ArrayList<>();

    LoopCommons(EventLoop loop) {
        this.loop = loop;
        wheel = new Wheel(loop);
    }

    /** Returns the terms of such a session of a server, the same for all of its kind. */
    Terms termsOf(ServerSession.Config config, EventLoops loops, Admission.Entry entry) {
        for (Terms known : terms) {
            if (known.areOf(config, loops, entry)) {
                return known;
            }
        }
        if (terms.size() == MOST_TERMS) {
            // An application that makes up limits for each session gains nothing here, and must not fill the memory.
            terms.clear();
        }
        Terms fresh = new Terms(
                Role.SERVER,
                loops,
                loop,
                config.limits(),
                config.liveness(),
                config.compression(),
                config.isPulled(),
                config.executor(),
                entry);
        terms.add(fresh);
        return fresh;
    }
}
