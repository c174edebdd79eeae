package io.everwire.faults.proxy;

import io.everwire.faults.Direction;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What a proxy counts. Written by its event loop, read from anywhere. */
final class Counters {

    final AtomicInteger connectionsOpen = new AtomicInteger();
    final AtomicLong connectionsTotal = new AtomicLong();
    final AtomicLong bytesUp = new AtomicLong();
    final AtomicLong bytesDown = new AtomicLong();

    void addBytes(Direction direction, int bytes) {
        (direction == Direction.UP ? bytesUp : bytesDown).addAndGet(bytes);
    }
}
