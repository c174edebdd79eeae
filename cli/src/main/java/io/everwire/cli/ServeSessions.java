package io.everwire.cli;

import io.everwire.ResumePolicy;
import io.everwire.server.EverwireServer;
import io.everwire.session.resume.SessionStore;
import io.everwire.store.file.FileStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Whether a server keeps sessions over lost connections, where, and for how long. */
final class ServeSessions {
    @Option(
            names = "--sessions",
            description =
                    "Keep the session of a client that asks for it over its outages: no message is lost or doubled"
                            + " while the session lasts, and where it is lost both ends are told what arrived.")
    private boolean isKept;

    @Option(
            names = "--store",
            paramLabel = "memory|file:DIR",
            converter = StoreConverter.class,
            description =
                    "memory: sessions end with the server; file: they survive it, also a kill -9, in a directory of"
                            + " its own, which is made if it is not there (default: memory).")
    private @Nullable Place place;

    @Option(
            names = "--session-ttl",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "Keep a session for this long without a connection, then it is lost (default: 120s).")
    private @Nullable Duration timeToLive;

    /** Where sessions are kept: in a directory, or in memory when it is null. */
    record Place(@Nullable Path directory) {}

    /** Reads {@code memory} or {@code file:DIR}. */
    static final class StoreConverter implements ITypeConverter<Place> {
        private static final String FILE = "file:";
        private static final String HOME = Matcher.quoteReplacement(System.getProperty("user.home"));

        @Override
        public Place convert(String text) {
            if (text.equals("memory")) {
                return new Place(null);
            }
            if (text.startsWith(FILE) && text.length() > FILE.length()) {
                // A shell leaves a ~ alone that is not at the beginning of a word.
                String directory = text.substring(FILE.length()).replaceFirst("^~(?=/|$)", HOME);
                return new Place(Path.of(directory));
            }
            throw new TypeConversionException("'" + text + "' is no store; write memory, or file: and a directory");
        }
    }

    /**
     * Says how sessions are kept.
     *
     * @return null when they are not
     * @throws IllegalArgumentException when options do not go together, or the time to live is not in whole seconds
     */
    @Nullable ResumePolicy policy() {
        if (!isKept) {
            if (place != null || timeToLive != null) {
                throw new IllegalArgumentException(
                        (place != null ? "--store" : "--session-ttl") + " is for sessions; give --sessions, too");
            }
            return null;
        }
        if (timeToLive == null) {
            return ResumePolicy.DEFAULT;
        }
        if (timeToLive.isZero() || timeToLive.toNanosPart() > 0) {
            throw new IllegalArgumentException("--session-ttl is in whole seconds, from 1s on");
        }
        return ResumePolicy.DEFAULT.withTimeToLive(timeToLive);
    }

    /**
     * Opens the store, when there is one that must be opened; the caller closes it after the server.
     *
     * @throws io.everwire.StartException when another process has the directory, or it cannot be used
     */
    @Nullable SessionStore open() {
        return place == null || place.directory() == null ? null : FileStore.open(place.directory());
    }

    /** Lets the server keep sessions by the policy, if there is one, in the store, if there is one. */
    static EverwireServer.Builder apply(
            EverwireServer.Builder server, @Nullable ResumePolicy policy, @Nullable SessionStore store) {
        if (policy == null) {
            return server;
        }
        return store == null ? server.sessions(policy) : server.sessions(policy, store);
    }

    /** Says it in a few words, after a comma; empty when there are no sessions. */
    String inWords(@Nullable ResumePolicy policy) {
        if (policy == null) {
            return "";
        }
        Path directory = place == null ? null : place.directory();
        return ", sessions kept for " + Words.shortly(policy.timeToLive()) + " in "
                + (directory == null ? "memory" : directory);
    }
}
