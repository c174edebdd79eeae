package io.everwire.transport;

import io.everwire.ConnectRequest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Which servers are known to speak {@code everwire.v1}, and which only select whatever subprotocol comes first.
 *
 * <p><b>Thread safety.</b> Any thread.
 */
final class SpokenOrigins {
    /** The knowledge of this process. */
    static final SpokenOrigins SHARED = new SpokenOrigins();

    private static final long PLAIN_NANOS = TimeUnit.MINUTES.toNanos(10);
    /** A client that visits more servers than this asks some of them again. */
    private static final int MOST = 10_000;

    private final Map<String, Boolean> speakers = new ConcurrentHashMap<>();
    private final Map<String, Long> plain = new ConcurrentHashMap<>();

    SpokenOrigins() {}

    private static String originOf(ConnectRequest request) {
        return request.uri().getScheme() + "://" + request.uri().getHost() + ":" + request.port();
    }

    /** Remembers for ten minutes that nothing is to be offered to this server. */
    void notePlain(ConnectRequest request, long nowNanos) {
        if (plain.size() >= MOST) {
            plain.clear();
        }
        plain.put(originOf(request), nowNanos);
    }

    /** Remembers that this server speaks the protocol. */
    void noteSpeaker(ConnectRequest request) {
        if (speakers.size() >= MOST) {
            speakers.clear();
        }
        plain.remove(originOf(request));
        speakers.put(originOf(request), Boolean.TRUE);
    }

    boolean isPlain(ConnectRequest request, long nowNanos) {
        Long since = plain.get(originOf(request));
        return since != null && nowNanos - since < PLAIN_NANOS;
    }

    boolean isSpeaker(ConnectRequest request) {
        return speakers.containsKey(originOf(request));
    }
}
