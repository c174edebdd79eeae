package io.everwire.protocol;

import java.util.List;

/** What {@link OpeningHandshake} must know of the response to an upgrade: a view of whatever the HTTP decoder made. */
public interface ResponseHead {
    /** Returns the status code, for example 101. */
    int status();

    /**
     * Returns the values of all header lines of this name, in order, without the whitespace around them; empty when there
     * is none.
     *
     * @param name compared without regard to case
     */
    List<String> headers(String name);
}
