package io.everwire;

/** The close codes of RFC 6455 §7.4.1 and its registry that Everwire sends or judges. */
public final class CloseCode {
    /** The purpose of the connection is fulfilled. A client that receives it does not reconnect. */
    public static final int NORMAL = 1000;
    /** The endpoint goes away, for example a page that is left or a server that stops. */
    public static final int GOING_AWAY = 1001;
    /** A rule of the framing was broken. */
    public static final int PROTOCOL_ERROR = 1002;
    /** A kind of message was received that the endpoint cannot accept. */
    public static final int UNSUPPORTED = 1003;
    /** No code was in the close frame. Never sent on the wire. */
    public static final int NO_STATUS = 1005;
    /** The connection ended without a closing handshake. Never sent on the wire. */
    public static final int ABNORMAL = 1006;
    /** The payload contradicts its type, for example text that is not UTF-8. */
    public static final int INVALID_PAYLOAD = 1007;
    /** The endpoint's policy was violated, for example by a flood of pings. */
    public static final int POLICY_VIOLATION = 1008;
    /** A message was larger than the endpoint's limit. */
    public static final int TOO_LARGE = 1009;
    /** The server did not negotiate an extension that the client requires. */
    public static final int MANDATORY_EXTENSION = 1010;
    /** The server met an unexpected condition, for example a listener that threw. */
    public static final int INTERNAL_ERROR = 1011;
    /** The service restarts; come back after a moment. */
    public static final int SERVICE_RESTART = 1012;
    /** The service is overloaded; try another address or come back later. */
    public static final int TRY_AGAIN_LATER = 1013;

    private CloseCode() {}

    /**
     * Tells whether an endpoint may put this code in a close frame (RFC 6455 §7.4): 1000–1003, 1007–1014 and 3000–4999.
     *
     * @param code the close code
     */
    public static boolean isSendable(int code) {
        return (code >= NORMAL && code <= UNSUPPORTED)
                || (code >= INVALID_PAYLOAD && code <= 1014)
                || (code >= 3000 && code <= 4999);
    }
}
