package io.everwire.verification;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The work tree that these tests judge. */
public final class Repository {
    private static final Set<String> NOT_OURS = Set.of("target", ".git", ".idea", ".vscode", "node_modules");

    private Repository() {}

    /** Returns the directory that holds {@code bin/everwire}, found upwards from the working directory. */
    public static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("bin/everwire"))) {
            Path parent = directory.getParent();
            if (parent == null) {
                throw new IllegalStateException(
                        "no directory above " + Path.of("").toAbsolutePath() + " has bin/everwire");
            }
            directory = parent;
        }
        return directory;
    }

    /** Returns every file that people wrote, relative to the root and sorted: no build output, no other tool's files. */
    public static List<Path> files() {
        Path root = root();
        try (Stream<Path> entries = Files.list(root)) {
            return entries.flatMap(Repository::filesIn)
                    .map(root::relativize)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> filesIn(Path path) {
        if (NOT_OURS.contains(String.valueOf(path.getFileName()))) {
            return Stream.of();
        }
        if (!Files.isDirectory(path)) {
            return Stream.of(path);
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.flatMap(Repository::filesIn).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a file, given relative to the root, as UTF-8. */
    public static String read(Path file) {
        try {
            return Files.readString(root().resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a resource that lies beside a class, as UTF-8. */
    public static String resource(Class<?> neighbor, String name) {
        try (InputStream stream = neighbor.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalArgumentException("no resource " + name + " beside " + neighbor.getName());
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
