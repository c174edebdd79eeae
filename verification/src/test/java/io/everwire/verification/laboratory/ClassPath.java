package io.everwire.verification.laboratory;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * The class path of the processes: that of these tests, each directory packed into a jar. A process without a free descriptor can
 * read one more class out of a jar that is open, as in a real installation, and none out of a directory.
 */
final class ClassPath {
    private static final String OF_JARS = pack();

    private ClassPath() {}

    static String ofJars() {
        return OF_JARS;
    }

    private static String pack() {
        List<String> entries = new ArrayList<>();
        try {
            Path jars = Files.createDirectories(
                    Path.of("target", "laboratory", "jars").toAbsolutePath());
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                Path path = Path.of(entry);
                if (Files.isDirectory(path)) {
                    Path jar = jars.resolve(entries.size() + ".jar");
                    pack(path, jar);
                    entries.add(jar.toString());
                } else if (Files.exists(path)) {
                    entries.add(entry);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return String.join(File.pathSeparator, entries);
    }

    private static void pack(Path directory, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream packed = new JarOutputStream(file);
                Stream<Path> found = Files.walk(directory)) {
            for (Path path : found.filter(Files::isRegularFile).sorted().toList()) {
                packed.putNextEntry(new ZipEntry(directory.relativize(path).toString()));
                Files.copy(path, packed);
                packed.closeEntry();
            }
        }
    }
}
