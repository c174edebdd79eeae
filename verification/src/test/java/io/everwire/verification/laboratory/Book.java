package io.everwire.verification.laboratory;

import io.everwire.Delivery;
import io.everwire.Message;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * What one life of a program has sent and was handed, as it wrote it down itself: a file of lines, each with the kernel before the
 * program goes on, so that a {@code kill -9} loses none.
 *
 * @param offered the digests of what was sent, in order, whatever became of it
 * @param outcomes how sends ended, by their place in {@code offered} from 1
 * @param received what the application was handed, in order
 */
record Book(List<String> offered, Map<Long, Delivery.Outcome> outcomes, List<Entry> received) {

    /** A message that was handed over. */
    record Entry(String sessionId, long number, String digest) {}

    static Book read(Path file) {
        Book book = new Book(new ArrayList<>(), new HashMap<>(), new ArrayList<>());
        try {
            for (String line : Files.readAllLines(file)) {
                String[] words = line.split(" ", -1);
                switch (words[0]) {
                    case ">" -> book.offered.add(words[2]);
                    case "=" -> book.outcomes.put(Long.valueOf(words[1]), Delivery.Outcome.valueOf(words[2]));
                    default -> book.received.add(new Entry(words[1], Long.parseLong(words[2]), words[3]));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return book;
    }

    long confirmed() {
        return outcomes.values().stream()
                .filter(outcome -> outcome == Delivery.Outcome.CONFIRMED)
                .count();
    }

    /** Returns what tells a message from every other one: a hash over its kind and its payload. */
    static String digest(Message message) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update((byte) (message.isText() ? 't' : 'b'));
            sha.update(message.bytes());
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new LinkageError("every Java runtime has SHA-256", e);
        }
    }

    /** Writes a book. Any thread. */
    static final class Writer {
        private final FileOutputStream file;
        private final ArrayDeque<Wait> waits = new ArrayDeque<>();
        private long offered;
        private long settled;

        private record Wait(long settled, LongConsumer told) {}

        Writer(Path path) {
            try {
                file = new FileOutputStream(path.toFile());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Notes a message that is sent next, and returns its place. */
        synchronized long offered(Message message) {
            offered++;
            write("> " + offered + " " + digest(message));
            return offered;
        }

        synchronized void settled(long id, Delivery delivery) {
            write("= " + id + " " + delivery.outcome());
            settled++;
            tell();
        }

        synchronized void received(String sessionId, Message message) {
            write("< " + sessionId + " " + message.number() + " " + digest(message));
        }

        /** Tells when as many sends are settled as were offered by now. */
        synchronized void whenSettled(LongConsumer told) {
            waits.add(new Wait(offered, told));
            tell();
        }

        private void tell() {
            for (Wait next = waits.peek(); next != null && next.settled <= settled; next = waits.peek()) {
                waits.remove();
                next.told.accept(next.settled);
            }
        }

        /** One call of the kernel for each line: what it has taken outlives the process. */
        private void write(String line) {
            try {
                file.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
