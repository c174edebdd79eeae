package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.faults.CutAfter;
import io.everwire.faults.Direction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The connection that resumes a session is cut at every interesting byte, in both directions, loudly and silently: nothing is lost,
 * repeated or reordered, and every send is confirmed in the end. The property {@code everwire.bytecuts.seed} repeats a run.
 */
class ByteCutsTest {
    private static final System.Logger LOG = System.getLogger(ByteCutsTest.class.getName());
    private static final long SEED = Long.getLong("everwire.bytecuts.seed", 20_261_123);
    private static final int WORLDS = 4;

    @TempDir
    private Path directory;

    /** A stretch of a connection's bytes in which a cut means the same: after {@code first} bytes at least, {@code last} at most. */
    private record Place(Direction direction, String name, int first, int last) {}

    private record Position(Place place, CutAfter fault) {
        @Override
        public String toString() {
            return place.name + ": " + fault;
        }
    }

    @Test
    void resumesAfterFiftyCuts() throws Exception {
        cut(50);
    }

    @Test
    @Tag("full")
    void resumesAfterAThousandCuts() throws Exception {
        cut(1_000);
    }

    private void cut(int count) throws Exception {
        List<Place> places;
        try (CutWorld world = new CutWorld(0, directory)) {
            places = places(world.record());
        }
        ConcurrentLinkedQueue<Position> positions = new ConcurrentLinkedQueue<>(positions(places, count));
        TreeMap<String, Integer> table = new TreeMap<>();
        positions.forEach(position -> table.merge(position.place.name, 1, Integer::sum));
        assertThat(table).as("every place has its turn").hasSize((int)
                places.stream().map(Place::name).distinct().count());
        ExecutorService threads = Executors.newFixedThreadPool(WORLDS);
        try {
            List<CompletableFuture<Void>> worlds = new ArrayList<>();
            for (int i = 1; i <= WORLDS; i++) {
                int number = i;
                worlds.add(CompletableFuture.runAsync(() -> play(number, positions), threads));
            }
            CompletableFuture.allOf(worlds.toArray(CompletableFuture[]::new)).get(1, TimeUnit.HOURS);
        } finally {
            threads.shutdownNow();
        }
        assertThat(positions).isEmpty();
        Leaks.assertNoneAfterCollection();
        LOG.log(System.Logger.Level.INFO, () -> "seed " + SEED + ", cuts: " + table);
    }

    private void play(int number, ConcurrentLinkedQueue<Position> positions) {
        try (CutWorld world = new CutWorld(number, directory)) {
            for (Position next = positions.poll(); next != null; next = positions.poll()) {
                try {
                    world.cut(next.fault);
                } catch (RuntimeException | AssertionError e) {
                    positions.clear();
                    throw new AssertionError(
                            "seed " + SEED + ", cut " + next + ": " + e.getMessage() + "\n" + world.stories(), e);
                }
            }
        }
    }

    /** Takes the places in turns, loud and silent by turns, and draws the byte. */
    private static List<Position> positions(List<Place> places, int count) {
        Random random = new Random(SEED);
        List<Position> positions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Place place = places.get(i % places.size());
            boolean isSilent = (i / places.size() + i) % 2 == 0;
            int bytes = random.nextInt(place.first, place.last + 1);
            positions.add(new Position(place, new CutAfter(bytes, place.direction, isSilent)));
        }
        return positions;
    }

    /** Finds out what lies where on a connection that resumes. */
    private static List<Place> places(Tap.Recording recording) {
        List<Place> places = new ArrayList<>();
        add(places, Direction.UP, "the upgrade request", recording.up(), "the first ack");
        add(places, Direction.DOWN, "the 101", recording.down(), "hello");
        return places;
    }

    private static void add(List<Place> places, Direction way, String head, Tap.Stream stream, String control) {
        String to = way == Direction.UP ? " to the server" : " to the client";
        int headEnd = stream.headEnd();
        places.add(new Place(way, "inside " + head, 1, headEnd - 1));
        places.add(new Place(way, "behind " + head, headEnd, headEnd));
        Tap.Span first = stream.spans().get(0);
        assertThat(first.isControl())
                .as("the first message%s is %s", to, control)
                .isTrue();
        places.add(new Place(way, "inside the header of " + control, first.start() + 1, first.payloadStart() - 1));
        places.add(new Place(way, "inside " + control, first.payloadStart(), first.end() - 1));
        places.add(new Place(way, "behind " + control, first.end(), first.end()));
        List<Tap.Span> replayed = stream.data();
        for (int i = 0; i < 4; i++) {
            Tap.Span span = replayed.get(i);
            String which = "replayed message " + (i + 1) + to;
            places.add(new Place(way, "inside the header of " + which, span.start() + 1, span.payloadStart() - 1));
            if (span.end() > span.payloadStart()) {
                places.add(new Place(way, "inside " + which, span.payloadStart(), span.end() - 1));
            }
            places.add(new Place(way, "behind " + which, span.end(), span.end()));
        }
    }
}
