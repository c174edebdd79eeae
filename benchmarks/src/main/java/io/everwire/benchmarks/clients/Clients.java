package io.everwire.benchmarks.clients;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Clients that come back by themselves, in the order of the tables: those that run in a JVM, and programs in Python. */
public final class Clients {
    /** Debian's own, for its packages are installed there; another one before it on the path has none of them. */
    public static final String PYTHON = "/usr/bin/python3";

    private static final String DIARY = "diary.py";

    private Clients() {}

    /** Returns the command that runs a client in Python, whose program is copied to a directory. */
    public static List<String> command(Contestant contestant, String host, int port, String path, Path directory)
            throws IOException {
        copy(DIARY, directory);
        List<String> command = new ArrayList<>(List.of(
                PYTHON,
                copy(contestant.flags().get(0), directory).toString(),
                host,
                Integer.toString(port),
                path,
                Double.toString(ReturningClient.BEAT_MILLIS / 1e3)));
        command.addAll(contestant.flags().subList(1, contestant.flags().size()));
        return command;
    }

    private static Path copy(String program, Path directory) throws IOException {
        Path file = Files.createDirectories(directory).resolve(program);
        try (InputStream stream = Clients.class.getResourceAsStream(program)) {
            if (stream == null) {
                throw new FileNotFoundException(program + " is not in this build");
            }
            Files.write(file, stream.readAllBytes());
        }
        return file;
    }

    /** Tells whether a client is a program in Python. */
    public static boolean isPython(Contestant contestant) {
        return Contestants.PYTHON_CLIENTS.contains(contestant);
    }
}
