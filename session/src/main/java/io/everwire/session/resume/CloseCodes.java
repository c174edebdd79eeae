package io.everwire.session.resume;

/** The close codes of {@code everwire.v1}. */
public final class CloseCodes {
    /** A rule of the protocol was broken. */
    public static final int PROTOCOL = 4400;
    /** The credentials are not valid, as HTTP 401. */
    public static final int AUTHENTICATION = 4401;
    /** Another connection has taken the session over. */
    public static final int TAKEN_OVER = 4408;
    /** The attempt is not larger than one that was seen. */
    public static final int STALE_ATTEMPT = 4409;
    /** The session has ended. */
    public static final int ENDED = 4410;
    /** More was sent than the window allows. */
    public static final int OVERRUN = 4413;
    /** Too many sessions or attempts. */
    public static final int SLOW_DOWN = 4429;
    /** The server drains. */
    public static final int DRAINING = 4503;

    /** RFC 6455 §5.5: a control frame holds at most 125 bytes, of which 2 are the code. */
    private static final int LONGEST_REASON = 123;

    private CloseCodes() {}

    static String limited(String reason) {
        // Reasons of ours are ASCII: a character is a byte.
        return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON);
    }
}
