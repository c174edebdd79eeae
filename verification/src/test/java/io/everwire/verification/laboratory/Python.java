package io.everwire.verification.laboratory;

/** Where Python is. */
final class Python {
    /** Debian's own, for its packages are installed there; another one before it on the path has none of them. */
    static final String INTERPRETER = "/usr/bin/python3";

    private Python() {}
}
