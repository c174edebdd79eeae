package io.everwire.protocol;

import java.util.Map;

/**
 * What a server is to answer to a request for an upgrade.
 *
 * @param status 101 when the request is acceptable as far as RFC 6455 goes; otherwise 400, 405 or 426, after which the
 *     TCP connection is closed
 * @param reason why it is refused, a sentence of printable ASCII fit for a log line and a body; empty for 101
 * @param headers what a refusal must carry, for example {@code Sec-WebSocket-Version: 13}; empty for 101
 */
public record ServerVerdict(int status, String reason, Map<String, String> headers) {
    static final int SWITCHING_PROTOCOLS = 101;

    /** Copies the headers. */
    public ServerVerdict {
        headers = Map.copyOf(headers);
    }

    /** Tells whether the upgrade may go on. */
    public boolean isAcceptable() {
        return status == SWITCHING_PROTOCOLS;
    }

    static ServerVerdict acceptable() {
        return new ServerVerdict(SWITCHING_PROTOCOLS, "", Map.of());
    }

    static ServerVerdict refused(int status, String reason) {
        return new ServerVerdict(status, reason, Map.of());
    }
}
