package io.everwire.verification.laboratory;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.laboratory.Laboratory.Machine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A row of cuts under traffic both ways, and on a store that outlives its process the server killed in between. What the two programs
 * wrote down is compared when everything is drained.
 */
final class Campaign implements AutoCloseable {
    private static final int LEAST_MILLIS = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Results RESULTS = new Results(
            "cuts.md",
            "# Cuts under traffic",
            "store",
            "seed",
            "cuts",
            "outages: shortest, median, longest",
            "kills of the server",
            "resumes at the client",
            "replayed up / down",
            "messages",
            "lost / duplicated / reordered",
            "longest time to drain after a heal",
            "remarks");

    private final String store;
    private final int cuts;
    private final long seed;
    private final Random random;
    private final boolean isDurable;
    private final Path directory;
    private final Laboratory laboratory = Laboratory.open();
    private final Cable cable = laboratory.cable();
    private final List<String> lives = new ArrayList<>();
    private final List<Long> outages = new ArrayList<>();
    private Program client;
    private Program server;
    private int kills;
    private int marks;
    private long longestDrainMillis;

    /** Starts both programs and waits for their session. */
    Campaign(String store, int cuts, long seed) {
        this.store = store;
        this.cuts = cuts;
        this.seed = seed;
        random = new Random(seed);
        isDurable = !store.equals("memory");
        directory = emptied(Path.of("target", "laboratory", "cuts-" + store + "-" + cuts));
        server = startServer();
        client = laboratory.start(Machine.CLI, "scribe-client", command("connect", "client"));
        client.await("the session begins", PATIENCE, event -> event.is("ready"));
    }

    private Program startServer() {
        String life = "server-" + (lives.size() + 1);
        lives.add(life);
        Program started = laboratory.start(Machine.SRV, "scribe-" + life, command("serve", life));
        started.await("the server listens", PATIENCE, event -> event.is("listening"));
        return started;
    }

    /** The ping is quick, so that most of the cuts outlive their connection. */
    private List<String> command(String role, String life) {
        return Scribe.command(
                role,
                life,
                directory,
                "rate=60",
                "largest=" + Parcels.LARGEST_BYTES,
                "ping=400",
                "handling=" + (role.equals("serve") && isDurable ? 4 : 0),
                "seed=" + seed,
                "store=" + (isDurable ? directory.resolve("store").toAbsolutePath() : "memory"));
    }

    /**
     * Cuts so many times, and lets both ends drain after most of the cuts; one in four is followed by the next while the replay runs.
     */
    void run(int longestMillis) {
        for (int i = 1; i <= cuts; i++) {
            // The third of every three: whether the cable is whole or cut when the server dies, is drawn.
            boolean isKilled = isDurable && i % 3 == 0;
            boolean isKilledInTheDark = isKilled && random.nextBoolean();
            if (isKilled && !isKilledInTheDark) {
                kill();
            }
            long cut = cable.cut();
            if (isKilledInTheDark) {
                linger(random.nextInt(LEAST_MILLIS));
                kill();
            }
            linger(random.nextInt(LEAST_MILLIS, longestMillis + 1));
            cable.heal();
            outages.add(cable.healedMillis() - cut);
            if (random.nextInt(4) == 0 && i < cuts) {
                linger(random.nextInt(300));
            } else {
                awaitDrained();
                linger(random.nextInt(1_200));
            }
        }
        finish();
    }

    private void kill() {
        server.close();
        kills++;
        server = startServer();
    }

    private void linger(long millis) {
        client.find(Duration.ofMillis(millis), event -> false);
    }

    /** What was sent on both sides before the heal is through: the time that took is the time to drain. */
    private void awaitDrained() {
        long healed = cable.healedMillis();
        long through = Math.max(through(client), through(server));
        longestDrainMillis = Math.max(longestDrainMillis, through - healed);
    }

    private long through(Program program) {
        int mark = ++marks;
        program.tell("mark " + mark);
        return program.find(PATIENCE, event -> event.is("through") && event.number("mark") == mark)
                .orElseThrow(() -> new AssertionError("seed " + seed + ", cut " + outages.size() + ", kill " + kills
                        + ": what was sent does not get through\n" + stories()))
                .epochMillis();
    }

    private String stories() {
        long since = System.currentTimeMillis();
        StringBuilder stories = new StringBuilder();
        for (Program program : List.of(client, server)) {
            program.tell("explain");
            String story = program.find(
                            Duration.ofSeconds(5), event -> event.epochMillis() >= since && event.is("explained"))
                    .map(event -> event.text("story").replace(" | ", "\n    "))
                    .orElse("it does not answer");
            stories.append(program.story())
                    .append("\n  explains:\n    ")
                    .append(story)
                    .append('\n');
        }
        return stories.toString();
    }

    private void finish() {
        client.tell("quiet");
        server.tell("quiet");
        // A message may be on its way to being sent: the second mark is behind it.
        linger(500);
        through(client);
        through(server);
        Audit audit = Audit.of(
                Book.read(Scribe.book(directory, "client")),
                lives.stream()
                        .map(life -> Book.read(Scribe.book(directory, life)))
                        .toList());
        List<Event> resumes = client.since(0, "resumed");
        List<Event> losses = new ArrayList<>(client.since(0, "sessionlost", "unable", "closed", "listenerfailed"));
        losses.addAll(server.since(0, "sessionlost", "unable", "closed", "listenerfailed"));
        List<Long> sorted = outages.stream().sorted().toList();
        RESULTS.add(
                store,
                String.valueOf(seed),
                String.valueOf(outages.size()),
                sorted.get(0) + ", " + sorted.get(sorted.size() / 2) + ", " + sorted.get(sorted.size() - 1) + " ms",
                String.valueOf(kills),
                String.valueOf(resumes.size()),
                sum(resumes, "replayedOut") + " / " + sum(resumes, "replayedIn"),
                audit.messages(),
                audit.verdict(),
                longestDrainMillis + " ms",
                audit.allowed());
        assertThat(losses).as("the session was never lost; seed " + seed).isEmpty();
        assertThat(audit.mistakes()).as(() -> "seed " + seed + "\n" + stories()).isEmpty();
        assertThat(resumes).as("connections were lost; seed " + seed).isNotEmpty();
    }

    private static long sum(List<Event> events, String member) {
        return events.stream().mapToLong(event -> event.number(member)).sum();
    }

    static Path emptied(Path directory) {
        try {
            if (Files.exists(directory)) {
                try (Stream<Path> old = Files.walk(directory)) {
                    for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(path);
                    }
                }
            }
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        laboratory.close();
    }
}
