package io.everwire.transport;

import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Tells the log who was turned away: at most ten lines a second, the rest is counted, so that a flood of strangers does not become a
 * flood of lines. It is given no query and no header.
 */
final class RefusalLog {
    private static final int MOST_A_SECOND = 10;
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Logger log;
    private long begunNanos;
    private int told;
    private long untold;

    RefusalLog(Logger log) {
        this.log = log;
        begunNanos = RealClock.nanos() - SECOND_NANOS;
    }

    /**
     * Tells of one.
     *
     * @param path empty when there was none yet
     * @param why a phrase of ours, with nothing in it that the peer sent
     */
    void tell(SocketAddress who, String path, String why) {
        if (log.isInfoEnabled() && mayTell(RealClock.nanos())) {
            log.info("turned away {}{}: {}", who, path.isEmpty() ? "" : " at " + Texts.printable(path), why);
        }
    }

    synchronized boolean mayTell(long nowNanos) {
        if (nowNanos - begunNanos >= SECOND_NANOS) {
            if (untold > 0) {
                log.info("turned away {} more since", untold);
            }
            begunNanos = nowNanos;
            told = 0;
            untold = 0;
        }
        if (told == MOST_A_SECOND) {
            untold++;
            return false;
        }
        told++;
        return true;
    }
}
