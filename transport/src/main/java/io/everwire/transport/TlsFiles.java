package io.everwire.transport;

import io.everwire.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads the files of TLS, the only ones that transport touches; never on an event loop. */
final class TlsFiles {
    private static final long LARGEST_BYTES = 1 << 20;

    private TlsFiles() {}

    /**
     * Reads a small file.
     *
     * @throws StartException when it is missing, unreadable, or larger than 1 MiB
     */
    static byte[] read(Path file) {
        try {
            if (Files.size(file) > LARGEST_BYTES) {
                throw new StartException(file + " is larger than 1 MiB; certificates and keys are not");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new StartException(file + " does not exist; check the path", e);
        } catch (IOException e) {
            throw new StartException(
                    file + " cannot be read (" + e.getClass().getSimpleName()
                            + "); check what it is and who may read it",
                    e);
        }
    }
}
