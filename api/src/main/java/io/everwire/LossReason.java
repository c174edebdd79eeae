package io.everwire;

import java.util.Locale;

/** Why a session could not be resumed, or ended without its application's asking. */
public enum LossReason {
    /** The server knows no such session, or does not believe that it is ours. */
    UNKNOWN,
    /** The client was away for longer than the session's time to live. */
    EXPIRED,
    /** The two ends do not agree on what was sent and received. */
    DESYNC,
    /** The window was full while the client was away. */
    OVERRUN,
    /** The server's store was restarted and may have forgotten what it had acknowledged. */
    RESTARTED,
    /** The peer ended the session while this end was away. */
    ENDED,
    /** Two connections in a row were failed for the same messages; another replay would meet the same fate. */
    POISONED,
    /** Another connection holds the session. */
    TAKEN_OVER,
    /** The server that was reached does not speak {@code everwire.v1}. */
    UNSUPPORTED;

    /** Returns the word on the wire: the name in lower case, {@code -} for {@code _}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
