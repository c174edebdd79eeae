package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Many connections to one server, held by several processes, for one process may not open as many files as a server. */
final class Audience implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int HOLDERS = 2;
    private static final int FIRST_SOURCE = 2;

    private final List<Child> holders = new ArrayList<>();
    private final Arena arena;
    private final Arena.Server server;
    private final Contestant contestant;
    private final String path;

    /**
     * Begins without a connection, and without a process.
     *
     * @param path where is connected to a server that has paths
     */
    Audience(Arena arena, Arena.Server server, Contestant contestant, String path) {
        this.arena = arena;
        this.server = server;
        this.contestant = contestant;
        this.path = path;
    }

    /** Connects until there are so many. */
    void grow(int connections) throws IOException, InterruptedException {
        for (int i = holders.size(); i < HOLDERS; i++) {
            holders.add(arena.startLoad(
                    "idle",
                    "port=" + server.port(),
                    "path=" + path,
                    "source=" + (FIRST_SOURCE + i),
                    "raw=" + contestant.isRaw(),
                    "sessions=" + contestant.equals(Contestants.EVERWIRE_SESSIONS)));
        }
        ask("grow " + connections / HOLDERS);
    }

    /** Waits until so many bytes have come to all of them together, to each the same. */
    void await(long bytes) throws IOException, InterruptedException {
        ask("await " + bytes / HOLDERS);
    }

    /** Returns how many pings were answered. */
    long pings() throws IOException, InterruptedException {
        return ask("pings");
    }

    /** Returns how many connections the server, or TCP, gave up. */
    long lost() throws IOException, InterruptedException {
        return ask("lost");
    }

    /** Returns the CPU time that their processes have had. */
    long cpuNanos() {
        return holders.stream().mapToLong(Child::cpuNanos).sum();
    }

    /** Ends all answers; TCP stays up. Returns when it is certain that nobody says anything any more. */
    void mute() throws IOException, InterruptedException {
        ask("mute");
    }

    /** Returns when each connection has last said something, as {@code connection:nanos} one after the other. */
    List<String> lives() throws IOException, InterruptedException {
        return tell("lives");
    }

    private long ask(String order) throws IOException, InterruptedException {
        return tell(order).stream().mapToLong(Long::parseLong).sum();
    }

    private List<String> tell(String order) throws IOException, InterruptedException {
        for (Child holder : holders) {
            holder.tell(order);
        }
        List<String> answers = new ArrayList<>();
        for (Child holder : holders) {
            String line = holder.line(PATIENCE);
            if (!line.startsWith("at ")) {
                throw new IOException(line.startsWith("failed ") ? line.substring("failed ".length()) : line);
            }
            answers.add(line.substring("at ".length()));
        }
        return answers;
    }

    @Override
    public void close() {
        holders.forEach(Child::close);
    }
}
