package io.everwire.transport;

import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Enumeration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Watches the machine's interfaces and addresses, and its waking from sleep, four times a second and only while some session is
 * disconnected: one look for all of them.
 */
final class NetworkWatch {
    static final NetworkWatch SHARED = new NetworkWatch();

    private static final long PERIOD_MILLIS = 250;
    private static final long JUMP_MILLIS = 1_000;

    private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean isWatching = new AtomicBoolean();
    /** Of the watch's thread, like all that follows. */
    private @Nullable Future<?> polling;

    private int lastSeen;
    private long lastOffsetMillis;

    private NetworkWatch() {}

    /** Calls the listener on every change, from a thread of its own, until it is removed. */
    void add(Runnable listener) {
        listeners.add(listener);
        startOnce();
    }

    /** The watch itself sees, when it looks next, that nobody is left: thousands come and go together. */
    void remove(Runnable listener) {
        listeners.remove(listener);
    }

    private void startOnce() {
        if (!listeners.isEmpty() && isWatching.compareAndSet(false, true)) {
            GlobalEventExecutor.INSTANCE.execute(this::start);
        }
    }

    private void start() {
        lastSeen = look();
        lastOffsetMillis = offset();
        polling = GlobalEventExecutor.INSTANCE.scheduleWithFixedDelay(
                this::poll, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void poll() {
        if (listeners.isEmpty()) {
            stop();
            return;
        }
        int seen = look();
        long offset = offset();
        boolean hasChanged = seen != lastSeen || Math.abs(offset - lastOffsetMillis) > JUMP_MILLIS;
        lastSeen = seen;
        lastOffsetMillis = offset;
        if (hasChanged) {
            listeners.forEach(Runnable::run);
        }
    }

    private void stop() {
        if (polling != null) {
            polling.cancel(false);
            polling = null;
        }
        isWatching.set(false);
        // Who came in between has seen a watch that is over.
        startOnce();
    }

    private static long offset() {
        return RealClock.epochMillis() - TimeUnit.NANOSECONDS.toMillis(RealClock.nanos());
    }

    /** Folds names, states and addresses of all interfaces into one number. */
    private static int look() {
        int hash = 1;
        try {
            Enumeration<NetworkInterface> all = NetworkInterface.getNetworkInterfaces();
            while (all.hasMoreElements()) {
                NetworkInterface one = all.nextElement();
                hash = 31 * hash + one.getName().hashCode();
                hash = 31 * hash + Boolean.hashCode(one.isUp());
                hash = 31 * hash + one.getInterfaceAddresses().hashCode();
            }
        } catch (SocketException e) {
            // An interface vanished while it was looked at: that is a change, too.
            return hash + 1;
        }
        return hash;
    }
}
