package io.everwire.benchmarks.contestants;

import java.util.List;
import java.util.Locale;

/**
 * Who is measured.
 *
 * @param name what tables call it
 * @param version of the library, empty for what is our own
 * @param type the {@link EchoService}'s class; it may be missing when it needs a newer JDK than the one that built this
 * @param isRaw whether it speaks no WebSocket: it returns bytes as they come
 * @param flags for its JVM; of a program in Python, its file and its own arguments
 */
public record Contestant(String name, String version, String type, boolean isRaw, List<String> flags) {
    private static final String PACKAGE = Contestant.class.getPackageName() + ".";
    private static final String CLIENTS = "io.everwire.benchmarks.clients.";

    static Contestant webSocket(String name, String version, String type, String... flags) {
        return new Contestant(name, version, PACKAGE + type, false, List.of(flags));
    }

    static Contestant raw(String name, String version, String type, String... flags) {
        return new Contestant(name, version, PACKAGE + type, true, List.of(flags));
    }

    /** A client that comes back by itself, whose class is in the package {@code clients}. */
    static Contestant client(String name, String version, String type, String... flags) {
        return new Contestant(name, version, CLIENTS + type, false, List.of(flags));
    }

    /** Tells whether this build has it. */
    public boolean isBuilt() {
        return Contestant.class.getClassLoader().getResource(type.replace('.', '/') + ".class") != null;
    }

    /** Returns the name as a file or an option may hold it. */
    public String key() {
        return name.toLowerCase(Locale.ROOT).replace(' ', '-');
    }
}
