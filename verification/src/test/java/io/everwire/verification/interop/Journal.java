package io.everwire.verification.interop;

import io.everwire.Delivery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What we were promised about our sends, held against the journal that the peer itself has kept.
 *
 * <p><b>Thread safety.</b> The promises come from any thread.
 */
final class Journal {
    /** The first word of the message that tells the peer's journal which connection of ours this is. */
    static final String EPOCH = "epoch-";

    private final Map<Integer, Integer> lengths = new HashMap<>();
    private final Map<Integer, Delivery.Outcome> outcomes = new HashMap<>();
    private final Map<Integer, Long> answeredPings = new HashMap<>();
    private final List<String> mistakes = new ArrayList<>();

    /** What a connection has read and answered, in order: a message's number, or {@link #PONG}. */
    private final Map<String, List<Integer>> byConnection = new HashMap<>();

    private static final int PONG = -1;

    private final Map<String, Integer> epochs = new HashMap<>();
    private final Map<Integer, Integer> read = new HashMap<>();

    /** We send message {@code number}, of so many characters in all. */
    synchronized void send(int number, int length) {
        lengths.put(number, length);
    }

    /** A send was settled. */
    synchronized void settle(int number, Delivery delivery) {
        if (outcomes.put(number, delivery.outcome()) != null) {
            mistakes.add(number + " was settled twice");
        }
    }

    /** Our connection {@code epoch} has ended; so many of its pings were answered. */
    synchronized void end(int epoch, long pingsAnswered) {
        answeredPings.put(epoch, pingsAnswered);
    }

    synchronized boolean isSettled() {
        return outcomes.size() == lengths.size();
    }

    synchronized long count(Delivery.Outcome outcome) {
        return outcomes.values().stream().filter(outcome::equals).count();
    }

    /** How many messages the peer has read. */
    synchronized int read() {
        return read.size();
    }

    /** Returns a sentence for everything in which the peer's journal contradicts us. */
    synchronized List<String> judge(List<String> lines) {
        lines.forEach(this::readLine);
        List<String> all = new ArrayList<>(mistakes);
        for (int number : new TreeSet<>(lengths.keySet())) {
            Delivery.Outcome outcome = outcomes.get(number);
            boolean isRead = read.containsKey(number);
            if (outcome == null) {
                all.add(number + " was never settled");
            } else if (outcome == Delivery.Outcome.CONFIRMED && !isRead) {
                all.add(number + " ended CONFIRMED, and the peer never read it");
            } else if (outcome == Delivery.Outcome.NOT_SENT && isRead) {
                all.add(number + " ended NOT_SENT, and the peer has read it");
            }
        }
        epochs.forEach((connection, epoch) -> judgeAnswered(all, connection, epoch));
        return all;
    }

    private void readLine(String line) {
        String[] words = line.split(" ", -1);
        List<Integer> entries = byConnection.computeIfAbsent(words[1], ignored -> new ArrayList<>());
        if (words[0].equals("pong")) {
            entries.add(PONG);
        } else if (words[3].startsWith(EPOCH)) {
            epochs.put(words[1], Integer.valueOf(words[3].substring(EPOCH.length())));
        } else {
            int number = Integer.parseInt(words[3]);
            entries.add(number);
            if (read.put(number, number) != null) {
                mistakes.add(number + " was read twice");
            }
            if (!words[2].equals(String.valueOf(lengths.get(number)))) {
                mistakes.add(number + " has " + lengths.get(number) + " characters, and the peer read " + words[2]);
            }
        }
    }

    /** Everything that the peer has read before the last ping whose answer came must be confirmed. */
    private void judgeAnswered(List<String> all, String connection, int epoch) {
        long answered = answeredPings.getOrDefault(epoch, 0L);
        List<Integer> entries = byConnection.getOrDefault(connection, List.of());
        long pongs = entries.stream().filter(entry -> entry == PONG).count();
        if (pongs < answered) {
            all.add("connection " + epoch + " counts " + answered + " answered pings, and the peer answered " + pongs);
        }
        long seen = 0;
        for (int entry : entries) {
            if (seen == answered) {
                return;
            }
            if (entry == PONG) {
                seen++;
            } else if (outcomes.get(entry) != Delivery.Outcome.CONFIRMED) {
                all.add(entry + " ended " + outcomes.get(entry) + ", and stood before answered ping " + answered
                        + " of connection " + epoch);
            }
        }
    }

    @Override
    public synchronized String toString() {
        return lengths.size() + " sent, " + count(Delivery.Outcome.CONFIRMED) + " confirmed, "
                + count(Delivery.Outcome.UNKNOWN) + " unknown, " + count(Delivery.Outcome.NOT_SENT) + " not sent, "
                + read.size() + " read by the peer on " + epochs.size() + " connections, "
                + answeredPings.values().stream().mapToLong(Long::longValue).sum() + " pings answered";
    }
}
