package io.everwire.verification.launcher;

import io.everwire.verification.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A repository with the real launcher and two modules, and a PATH on which {@code java} and {@code mvn} are small scripts
 * that write down how they were called. It lies in a directory with spaces in its name.
 */
final class PretendedHouse {
    /** What the launcher may use of the operating system; there is no java and no mvn among them. */
    private static final List<String> TOOLS = List.of(
            "sh",
            "cat",
            "cp",
            "date",
            "dirname",
            "find",
            "flock",
            "grep",
            "head",
            "mkdir",
            "mv",
            "readlink",
            "rm",
            "sed",
            "sleep",
            "tail",
            "touch");

    private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));

    private final Path home;
    private final Path jdk;
    private final Path path;
    private final Path elsewhere;

    private record Started(Process process, Path errors) {}

    /** How one start of the launcher ended. */
    record Run(int exitCode, long pid, String output, String errors) {}

    PretendedHouse(Path directory) throws IOException {
        home = directory.resolve("a house with spaces");
        jdk = directory.resolve("the jdk");
        path = directory.resolve("path");
        elsewhere = Files.createDirectories(directory.resolve("else where"));
        script(home.resolve("bin/everwire"), Repository.read(Path.of("bin/everwire")));
        write("pom.xml", "<project/>");
        for (String module : List.of("api", "cli")) {
            write(module + "/pom.xml", "<project/>");
            write(module + "/src/main/java/A.java", "class A {}");
        }
        makeOld();
        Files.createDirectories(path);
        for (String tool : TOOLS) {
            allow(tool);
        }
        installJava("17.0.15");
        script(jdk.resolve("bin/javac"), "#!/bin/sh\n");
        installMaven("");
    }

    /** Puts a tool of this system on the PATH; a script, because JUnit warns when it deletes links that lead outside. */
    private void allow(String tool) throws IOException {
        for (String directory : List.of("/bin", "/usr/bin")) {
            Path program = Path.of(directory, tool);
            if (Files.exists(program)) {
                script(path.resolve(tool), "#!/bin/sh\nexec " + program + " \"$@\"\n");
                return;
            }
        }
    }

    /** Puts a JDK of this version on the PATH; its java prints the arguments, one a line, and its own process id. */
    void installJava(String version) throws IOException {
        script(jdk.resolve("bin/java"), """
                #!/bin/sh
                if [ "$1" = -version ]; then echo 'openjdk version "%s" 2025-04-15' >&2; exit 0; fi
                printf '%%s\\n' "pid $$" "$@"
                """.formatted(version));
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
        Files.deleteIfExists(path.resolve("java"));
        Files.createSymbolicLink(path.resolve("java"), jdk.resolve("bin/java"));
    }

    /** Puts a Maven on the PATH that first does {@code before}, then pretends a build and adds a line to mvn.log. */
    void installMaven(String before) throws IOException {
        script(path.resolve("mvn"), """
                #!/bin/sh
                echo "mvn $*" >>mvn.log
                %s
                mkdir -p api/target cli/target
                echo "build of $(cat api/src/main/java/A.java)" >api/target/everwire-api-1.jar
                echo cli >cli/target/everwire.jar
                printf '%%s' "$PWD/api/target/everwire-api-1.jar:$PWD/pom.xml" >cli/target/classpath.txt
                """.formatted(before));
    }

    /** Takes a program from the PATH. */
    void remove(String program) throws IOException {
        Files.delete(path.resolve(program));
    }

    /** Takes the JDK's file that tells its version, as on systems where {@code java} is only a stub. */
    void removeReleaseFile() throws IOException {
        Files.delete(jdk.resolve("release"));
    }

    /** Takes javac from the JDK. */
    void removeCompiler() throws IOException {
        Files.delete(jdk.resolve("bin/javac"));
    }

    /** Starts the launcher from another directory and waits until it has ended. */
    Run run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        return finish(start(home.resolve("bin/everwire"), environment, arguments));
    }

    /** Starts the launcher through a symbolic link to a symbolic link, one of them relative. */
    Run runThroughLinks(String... arguments) throws IOException, InterruptedException {
        Path near = Files.createSymbolicLink(home.resolve("near link"), Path.of("bin/everwire"));
        Path far = Files.createSymbolicLink(elsewhere.resolve("far link"), near);
        return finish(start(far, Map.of(), arguments));
    }

    /** Starts the launcher several times at once and waits for all of them. */
    List<Run> runAtOnce(int times) throws IOException, InterruptedException {
        List<Started> all = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            all.add(start(home.resolve("bin/everwire"), Map.of()));
        }
        List<Run> runs = new ArrayList<>();
        for (Started started : all) {
            runs.add(finish(started));
        }
        return runs;
    }

    private Started start(Path launcher, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(elsewhere.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", path.toString());
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(environment);
        Path errors = Files.createTempFile(elsewhere, "errors", ".txt");
        return new Started(builder.redirectError(errors.toFile()).start(), errors);
    }

    private static Run finish(Started started) throws IOException, InterruptedException {
        Process process = started.process();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("the launcher did not end within 30 s");
        }
        return new Run(process.exitValue(), process.pid(), output, Files.readString(started.errors()));
    }

    /** Returns how Maven was called so far, a line for each call. */
    List<String> mavenCalls() throws IOException {
        Path log = home.resolve("mvn.log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    /** Writes a file of the house, newer than everything before. */
    void write(String file, String text) throws IOException {
        awaitNextTick();
        Path target = home.resolve(file);
        Files.createDirectories(target.getParent());
        Files.writeString(target, text);
    }

    void delete(String file) throws IOException {
        awaitNextTick();
        Files.delete(home.resolve(file));
    }

    Path path(String file) {
        return home.resolve(file);
    }

    /** Waits until a file that is written now is newer than the build: the times of files advance in ticks of milliseconds. */
    private void awaitNextTick() throws IOException {
        Path built = home.resolve("cli/target/classpath.txt");
        Path probe = home.resolve("probe");
        boolean isNewer = !Files.exists(built);
        while (!isNewer) {
            Files.writeString(probe, "tick");
            isNewer = Files.getLastModifiedTime(probe).compareTo(Files.getLastModifiedTime(built)) > 0;
        }
    }

    /** Gives every source a time long ago, so that only what a test changes afterwards is new. */
    private void makeOld() throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, LONG_AGO);
            }
        }
    }

    private static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
