package io.everwire.verification.laboratory;

import io.everwire.verification.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The programs in Python that run beside ours. */
final class Python {
    /** Debian's own, for its packages are installed there; another one before it on the path has none of them. */
    static final String INTERPRETER = "/usr/bin/python3";

    private static final List<String> PROGRAMS = List.of(
            "journal.py", "autobahn_server.py", "autobahn_client.py", "websockets_server.py", "websockets_client.py");

    private Python() {}

    /** Returns the command that runs one of the programs that lie beside this class. */
    static List<String> command(String program, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(INTERPRETER, directory().resolve(program).toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private static Path directory() {
        try {
            Path directory = Files.createDirectories(
                    Path.of("target", "laboratory", "python").toAbsolutePath());
            for (String program : PROGRAMS) {
                Files.writeString(directory.resolve(program), Repository.resource(Python.class, program));
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
