package io.everwire;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why an attempt failed or a connection was lost.
 *
 * @param kind what went wrong
 * @param message a sentence with numbers, fit for a person; never holds a payload or a credential
 * @param httpStatus the status that answered the upgrade, or the proxy's, 0 when there was none
 * @param closeStatus the close status received or sent, null when there was none
 * @param retryAfter the shortest wait that the server named, null when it named none
 * @param isSlot whether the server drew that wait for this client alone, with a place that is kept for it then
 */
public record Failure(
        Kind kind,
        String message,
        int httpStatus,
        @Nullable CloseStatus closeStatus,
        @Nullable Duration retryAfter,
        boolean isSlot) {
    /** What went wrong, in the order in which an attempt can meet it. */
    public enum Kind {
        /** The request supplier failed. */
        CREDENTIALS,
        /** The URL or the request cannot be used. */
        BAD_REQUEST,
        /** The host name has no address, or no name server answered. */
        UNKNOWN_HOST,
        /** The network or the host is unreachable. */
        NO_ROUTE,
        /** No TCP connection within its deadline. */
        CONNECT_TIMEOUT,
        /** The port refused the connection. */
        REFUSED,
        /** The proxy did not answer, or cannot reach the server; see {@code httpStatus}, 0 when it named none. */
        PROXY,
        /** The proxy asks for other credentials, does not allow the tunnel, or is none; see {@code httpStatus}. */
        PROXY_REFUSED,
        /** The server's certificate is not trusted, not valid now, or does not name the host. */
        CERTIFICATE,
        /** The TLS handshake failed otherwise: refused by the server, nothing in common, or no TLS spoken there. */
        TLS,
        /** The TLS handshake or the upgrade was not answered within the attempt's deadline. */
        UPGRADE_TIMEOUT,
        /** The upgrade was answered by something other than a valid 101; see {@code httpStatus}. */
        HTTP_STATUS,
        /** The 101 breaks a rule of RFC 6455 §4.1. */
        BAD_HANDSHAKE,
        /** {@code onReady} failed. */
        READY,
        /** {@code onReady} did not complete within its deadline. */
        READY_TIMEOUT,
        /** The peer was silent for longer than the liveness policy allows. */
        PEER_DEAD,
        /** The kernel accepted no byte of ours for longer than the write time-out. */
        WRITE_TIMEOUT,
        /** The peer began a message and then sent no byte of it for longer than {@link Limits#messageTimeout()}. */
        MESSAGE_TIMEOUT,
        /** The transport ended without a closing handshake: reset, or end of stream. */
        CONNECTION_LOST,
        /** The peer sent a close frame; see {@code closeStatus}. */
        CLOSED_BY_PEER,
        /** The peer broke a rule of RFC 6455, and we failed the connection; see {@code closeStatus}. */
        PROTOCOL,
        /** The application asked for the close. */
        CLOSED_BY_US
    }

    /** Makes a failure that has only a kind and a sentence. */
    public static Failure of(Kind kind, String message) {
        return new Failure(kind, message, 0, null, null, false);
    }

    /** Makes the failure of an upgrade that was answered with an HTTP status. */
    public static Failure ofHttpStatus(int status, String message, @Nullable Duration retryAfter) {
        return new Failure(Kind.HTTP_STATUS, message, status, null, retryAfter, false);
    }

    /** Makes the failure of an upgrade that a server with too much to do has put off until a time of this client's own. */
    public static Failure ofSlot(int status, String message, Duration slot) {
        return new Failure(Kind.HTTP_STATUS, message, status, null, slot, true);
    }

    /**
     * Makes the failure of a tunnel that the proxy answered with an HTTP status: a 4xx refuses it, except 408, 425 and 429, which may
     * pass as anything else.
     */
    public static Failure ofProxyStatus(int status, String message, @Nullable Duration retryAfter) {
        boolean mayPass = status == 408 || status == 425 || status == 429;
        Kind kind = status >= 400 && status < 500 && !mayPass ? Kind.PROXY_REFUSED : Kind.PROXY;
        return new Failure(kind, message, status, null, retryAfter, false);
    }

    /** Makes the failure of a connection that ended with a close status; a peer that closed may have named a wait. */
    public static Failure ofClose(Kind kind, CloseStatus status, String message) {
        Duration named = kind == Kind.CLOSED_BY_PEER ? status.retryAfter() : null;
        return new Failure(kind, message, 0, status, named, false);
    }
}
