package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A client that comes back by itself, and what it has told since the last cut. */
final class Returner implements AutoCloseable {
    private static final Duration SILENCE = Duration.ofDays(1);

    private final Contestant contestant;
    private final Child child;
    private final List<Event> events = new ArrayList<>();
    private String end = "";

    /**
     * Something that happened.
     *
     * @param name {@code ready}, {@code lost} or {@code answered}
     */
    record Event(String name, long epochMillis) {
        boolean isAfter(long moment, String what) {
            return name.equals(what) && epochMillis >= moment;
        }
    }

    Returner(Contestant contestant, Child child) {
        this.contestant = contestant;
        this.child = child;
        Thread reading = new Thread(this::read, "client-" + contestant.key());
        reading.setDaemon(true);
        reading.start();
    }

    private void read() {
        try {
            while (true) {
                String[] words = child.line(SILENCE).split(" ", 3);
                note(new Event(words[0], Long.parseLong(words[1])));
            }
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            finish(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void note(Event event) {
        events.add(event);
        notifyAll();
    }

    private synchronized void finish(String why) {
        end = why;
        notifyAll();
    }

    Contestant contestant() {
        return contestant;
    }

    /** Returns the CPU time that it has had. */
    long cpuNanos() {
        return child.cpuNanos();
    }

    /** Forgets what was told so far. */
    synchronized void forget() {
        events.clear();
    }

    /** Returns the first event that fits, if there was one. */
    synchronized Optional<Event> find(Predicate<Event> fits) {
        return events.stream().filter(fits).findFirst();
    }

    /**
     * Waits for the first event that fits.
     *
     * @throws IOException when the client has ended, or nothing of the kind has come in time
     */
    synchronized Event await(Predicate<Event> fits, Duration patience) throws IOException, InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<Event> found = find(fits);
            if (found.isPresent()) {
                return found.get();
            }
            if (!end.isEmpty()) {
                throw new IOException(end);
            }
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (left <= 0) {
                throw new IOException("no message went through for " + patience.toSeconds() + " s");
            }
            wait(left);
        }
    }

    @Override
    public void close() {
        child.close();
    }
}
