package io.everwire.verification.laboratory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * A row of outages that several contestants go through together. What is measured is the down-time that a client adds to the
 * network's: from the heal to the first answer it has from its server's application.
 */
final class Outages {
    private final Laboratory laboratory;
    private final List<Contestant> contestants = new ArrayList<>();
    private final Results results;

    Outages(Laboratory laboratory, Results results) {
        this.laboratory = laboratory;
        this.results = results;
    }

    /** Returns a new table for {@link #run}. */
    static Results results(String file) {
        return new Results(file, "# Added down-time", "client and server", "median", "worst", "mean");
    }

    Outages with(Contestant contestant) {
        contestants.add(contestant);
        return this;
    }

    /** Returns lengths in milliseconds, evenly drawn. */
    static List<Long> lengths(int count, int leastMillis, int mostMillis, long seed) {
        Random random = new Random(seed);
        return LongStream.generate(() -> random.nextInt(leastMillis, mostMillis + 1))
                .limit(count)
                .boxed()
                .toList();
    }

    /**
     * Cuts both ways for each length, and lets every contestant come back before the next.
     *
     * @param patience how long a contestant is waited for after a heal
     */
    void run(List<Long> lengths, Duration patience, long seed) {
        Random pauses = new Random(seed);
        Cable cable = laboratory.cable();
        contestants.forEach(Contestant::awaitFirstAnswer);
        Program watched = contestants.get(0).client();
        List<Long> real = new ArrayList<>();
        for (long length : lengths) {
            // Long enough to count as stable, and random, so that a cut falls anywhere between two pings.
            watched.find(Duration.ofMillis(5_500 + pauses.nextInt(3_000)), event -> false);
            long cut = cable.cut();
            watched.find(Duration.ofMillis(length), event -> false);
            cable.heal();
            long heal = cable.healedMillis();
            real.add(heal - cut);
            contestants.forEach(contestant -> contestant.measure(cut, heal, heal + patience.toMillis()));
        }
        write(real, patience);
    }

    private void write(List<Long> real, Duration patience) {
        for (Contestant contestant : contestants) {
            results.add(
                    contestant.name(),
                    seconds(contestant.medianMillis()),
                    seconds(contestant.worstMillis()),
                    seconds(contestant.addedMillis().stream()
                                    .mapToLong(Long::longValue)
                                    .sum()
                            / real.size()));
        }
        StringBuilder each = new StringBuilder("Each outage, and what each added to it (")
                .append(patience.toSeconds())
                .append(" s is where the wait was given up), in milliseconds:\n\n| outage |");
        contestants.forEach(
                contestant -> each.append(' ').append(contestant.name()).append(" |"));
        each.append('\n').append("|---".repeat(contestants.size() + 1)).append("|\n");
        for (int i = 0; i < real.size(); i++) {
            each.append("| ").append(real.get(i)).append(" |");
            for (Contestant contestant : contestants) {
                each.append(' ').append(contestant.addedMillis().get(i)).append(" |");
            }
            each.append('\n');
        }
        results.say(each.toString());
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.2f s", millis / 1_000.0);
    }
}
