package io.everwire.verification.laboratory;

import io.everwire.Delivery;
import io.everwire.verification.laboratory.Book.Entry;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares the books of both ends when everything is drained. The client has one life, the server one or more, each ended by a
 * {@code kill -9} but the last.
 *
 * <p>Up, from the client: each message is handed to the server's application once, in order. Only the first messages of a new life
 * may be some that an earlier life was handed before it could commit them; they are known by their number.
 *
 * <p>Down, from the server: of every life the client is handed the first so many messages, once, in order, and at least those that
 * the server was told to be CONFIRMED; of the last life, all. What a killed process had accepted and never stored is nobody's
 * promise.
 */
final class Audit {
    private static final int MOST_MISTAKES = 20;

    private final Book client;
    private final List<Book> lives;
    private final List<String> mistakes = new ArrayList<>();
    private int lost;
    private int duplicated;
    private int reordered;
    private int redelivered;
    private long neverStored;

    private Audit(Book client, List<Book> lives) {
        this.client = client;
        this.lives = lives;
    }

    static Audit of(Book client, List<Book> lives) {
        Audit audit = new Audit(client, lives);
        audit.checkUp();
        audit.checkDown();
        audit.checkOutcomes("up", client);
        audit.checkOutcomes("down", lives.get(lives.size() - 1));
        return audit;
    }

    private void checkUp() {
        long last = 0;
        for (Book life : lives) {
            long before = last;
            long due = 0;
            for (Entry entry : life.received()) {
                boolean isFirst = due == 0;
                if (isFirst ? entry.number() > before + 1 : entry.number() != due) {
                    note("up", entry.number(), isFirst ? before + 1 : due);
                }
                if (entry.number() <= before) {
                    redelivered++;
                }
                compare(entry);
                due = entry.number() + 1;
                last = Math.max(last, entry.number());
            }
        }
        if (last < client.offered().size()) {
            lost += (int) (client.offered().size() - last);
            mistake("up: " + client.offered().size() + " were sent and the last that was handed over is " + last);
        }
        long sessions = lives.stream()
                .flatMap(life -> life.received().stream())
                .map(Entry::sessionId)
                .distinct()
                .count();
        if (sessions != 1) {
            mistake("up: messages of " + sessions + " sessions were handed over");
        }
    }

    private void checkDown() {
        List<Entry> received = client.received();
        for (int i = 0; i < received.size(); i++) {
            if (received.get(i).number() != i + 1) {
                note("down", received.get(i).number(), i + 1);
                return;
            }
        }
        int at = 0;
        for (int i = 0; i < lives.size(); i++) {
            List<String> offered = lives.get(i).offered();
            int arrived = 0;
            while (arrived < offered.size()
                    && at < received.size()
                    && received.get(at).digest().equals(offered.get(arrived))) {
                arrived++;
                at++;
            }
            boolean isLast = i == lives.size() - 1;
            for (int missing = arrived + 1; missing <= offered.size(); missing++) {
                if (isLast || lives.get(i).outcomes().get((long) missing) == Delivery.Outcome.CONFIRMED) {
                    lost++;
                    mistake("down: message " + missing + " of life " + (i + 1) + " did not come, though it was "
                            + (isLast ? "sent in the last life" : "CONFIRMED"));
                } else {
                    neverStored++;
                }
            }
        }
        if (at < received.size()) {
            reordered++;
            mistake("down: what came as number " + (at + 1) + " of " + received.size()
                    + " is not what was sent next; of no life is it the next message");
        }
    }

    private void checkOutcomes(String name, Book sender) {
        for (long id = 1; id <= sender.offered().size(); id++) {
            Delivery.Outcome outcome = sender.outcomes().get(id);
            if (outcome != Delivery.Outcome.CONFIRMED) {
                mistake(name + ": send " + id + " ended " + (outcome == null ? "not at all" : outcome));
            }
        }
    }

    private void compare(Entry entry) {
        List<String> offered = client.offered();
        long place = entry.number();
        if (place < 1 || place > offered.size() || !offered.get((int) place - 1).equals(entry.digest())) {
            reordered++;
            mistake("up: number " + place + " is not the message that was sent as that");
        }
    }

    private void note(String name, long number, long expected) {
        if (number < expected) {
            duplicated++;
        } else {
            lost += (int) (number - expected);
        }
        mistake(name + ": number " + number + " came where " + expected + " was due");
    }

    private void mistake(String text) {
        if (mistakes.size() < MOST_MISTAKES) {
            mistakes.add(text);
        }
    }

    /** Returns what contradicts the promise, at most twenty sentences. */
    List<String> mistakes() {
        return mistakes;
    }

    /** Returns what the table says of the messages. */
    String messages() {
        long down = lives.stream().mapToLong(life -> life.offered().size()).sum();
        return client.offered().size() + " up, " + down + " down";
    }

    String verdict() {
        return lost + " / " + duplicated + " / " + reordered;
    }

    /** Returns what a crash is allowed to do, and did. */
    String allowed() {
        return redelivered + " handed over again after a kill, " + neverStored + " of a killed server never confirmed";
    }
}
