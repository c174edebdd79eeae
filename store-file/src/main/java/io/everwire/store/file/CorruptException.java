package io.everwire.store.file;

import java.io.IOException;

/** A file's content is not what a store wrote; nothing of it was changed. */
final class CorruptException extends IOException {
    private static final long serialVersionUID = 1L;

    CorruptException(String message) {
        super(message);
    }
}
