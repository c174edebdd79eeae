package io.everwire;

import org.jspecify.annotations.Nullable;

/** Decides what is hopeless and what is transient: one replaceable, pure function. */
@FunctionalInterface
public interface FailurePolicy {
    /**
     * The default table.
     *
     * <table>
     * <caption>Failure to class</caption>
     * <tr><th>failure</th><th>before the first success</th><th>after it</th></tr>
     * <tr><td>unknown host, no route, connect or upgrade time-out, proxy without an answer or a way, peer dead, write
     *     time-out</td><td colspan="2">NETWORK; from the second upgrade time-out of an outage on met as BUSY</td></tr>
     * <tr><td>refused, reset, lost, a message that was not finished, onReady failed or late, request supplier
     *     failed</td><td colspan="2">BUSY</td></tr>
     * <tr><td>HTTP 401, 403; close code 1008</td><td colspan="2">REAUTHENTICATE</td></tr>
     * <tr><td>HTTP 408, 425, 429, 5xx, 1xx, 2xx</td><td colspan="2">BUSY</td></tr>
     * <tr><td>HTTP 3xx that is not followed, other 4xx, certificate, other TLS failures, refused by
     *     the proxy, bad handshake, unusable request</td><td>TERMINAL</td><td>SLOW</td></tr>
     * <tr><td>close codes 1000, 1002, 1003, 1007, 1009, 1010; a protocol error by the peer</td><td colspan="2">TERMINAL</td></tr>
     * <tr><td>every other close code, unlisted ones and 4000–4999 too</td><td colspan="2">BUSY</td></tr>
     * </table>
     */
    FailurePolicy DEFAULT = FailurePolicy::classifyByDefault;

    /**
     * Classifies a failure. Must be pure and quick: it runs inside the engine.
     *
     * @param failure what happened
     * @param hasSucceeded whether the session was ever open before
     */
    RetryClass classify(Failure failure, boolean hasSucceeded);

    private static RetryClass classifyByDefault(Failure failure, boolean hasSucceeded) {
        RetryClass hopeless = hasSucceeded ? RetryClass.SLOW : RetryClass.TERMINAL;
        return switch (failure.kind()) {
            case UNKNOWN_HOST, NO_ROUTE, CONNECT_TIMEOUT, PROXY, UPGRADE_TIMEOUT, PEER_DEAD, WRITE_TIMEOUT ->
                RetryClass.NETWORK;
            case CREDENTIALS, REFUSED, READY, READY_TIMEOUT, MESSAGE_TIMEOUT, CONNECTION_LOST -> RetryClass.BUSY;
            case BAD_REQUEST, PROXY_REFUSED, CERTIFICATE, TLS, BAD_HANDSHAKE -> hopeless;
            case HTTP_STATUS -> classifyStatus(failure.httpStatus(), hopeless);
            case CLOSED_BY_PEER -> classifyClose(failure.closeStatus());
            case PROTOCOL, CLOSED_BY_US -> RetryClass.TERMINAL;
        };
    }

    private static RetryClass classifyStatus(int status, RetryClass hopeless) {
        return switch (status) {
            case 401, 403 -> RetryClass.REAUTHENTICATE;
            case 408, 425, 429 -> RetryClass.BUSY;
            default -> status >= 300 && status < 500 ? hopeless : RetryClass.BUSY;
        };
    }

    private static RetryClass classifyClose(@Nullable CloseStatus status) {
        if (status == null) {
            return RetryClass.BUSY;
        }
        return switch (status.code()) {
            case CloseCode.NORMAL,
                    CloseCode.PROTOCOL_ERROR,
                    CloseCode.UNSUPPORTED,
                    CloseCode.INVALID_PAYLOAD,
                    CloseCode.TOO_LARGE,
                    CloseCode.MANDATORY_EXTENSION -> RetryClass.TERMINAL;
            case CloseCode.POLICY_VIOLATION -> RetryClass.REAUTHENTICATE;
            default -> RetryClass.BUSY;
        };
    }
}
