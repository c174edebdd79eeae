package io.everwire.session.resume;

/** What came of an offer. */
public enum Attachment {
    /** The connection is the session's. */
    DONE,
    /** A newer claim was attached before; nothing was changed. */
    STALE,
    /** Another owner has had the session since: this one is over, and the session is to be restored from the store. */
    OUTDATED,
    /** The two ends do not agree; the session is lost. */
    DESYNC,
    /** This end has said bye to an earlier connection; the session is ending. */
    ENDED,
    /** The session has ended meanwhile. */
    OVER
}
