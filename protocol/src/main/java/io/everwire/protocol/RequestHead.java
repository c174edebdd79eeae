package io.everwire.protocol;

import java.util.List;

/** What {@link OpeningHandshake} must know of an upgrade request: a view of whatever the HTTP decoder made. */
public interface RequestHead {
    /** Returns the request method as it was sent, for example {@code GET}. */
    String method();

    /** Returns the 1 of HTTP/1.0. */
    int majorVersion();

    /** Returns the 0 of HTTP/1.0. */
    int minorVersion();

    /**
     * Returns the values of all header lines of this name, in order, without the whitespace around them; empty when there
     * is none.
     *
     * @param name compared without regard to case
     */
    List<String> headers(String name);
}
