package io.everwire.cli;

import java.io.PrintStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * Writes lines on a thread of its own, so that a reader who is slow, or a terminal that is held, never blocks an event loop.
 * Each line is flushed as soon as nothing waits behind it.
 *
 * <p>On a terminal there may be a status: a last line that changes in place, below all others.
 *
 * <p>When nobody reads and {@value #MOST_WAITING} lines wait, further lines are left out, and the next one that is written says
 * how many.
 */
final class LineWriter implements AutoCloseable {
    private static final int MOST_WAITING = 65_536;
    private static final String CLEAR = "\r\u001b[K";
    /** A status wider than the terminal is cut by it: wrapped, only its last row could be taken back. */
    private static final String NO_WRAP = "\u001b[?7l";

    private static final String WRAP = "\u001b[?7h";

    private final PrintStream target;
    private final LongFunction<String> omission;
    private final BlockingQueue<Item> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
    private final AtomicLong omitted = new AtomicLong();
    private final Thread thread;

    /** The writer's own thread only. */
    private String status = "";

    private enum Kind {
        LINE,
        STATUS,
        END
    }

    private record Item(Kind kind, String text) {}

    /**
     * Starts the thread.
     *
     * @param target is flushed, never closed
     * @param omission says in a line that so many lines were left out
     */
    LineWriter(PrintStream target, LongFunction<String> omission) {
        this.target = target;
        this.omission = omission;
        thread = new Thread(this::run, "everwire-lines");
        thread.setDaemon(true);
        thread.start();
    }

    /** A writer of lines for a person. */
    static LineWriter forPeople(PrintStream target) {
        return new LineWriter(target, count -> "… " + count + " lines were left out: nobody read them");
    }

    void line(String text) {
        if (!waiting.offer(new Item(Kind.LINE, text))) {
            omitted.incrementAndGet();
        }
    }

    /** Replaces the status; an empty one removes it. A status that finds no room is simply not shown. */
    void status(String text) {
        waiting.offer(new Item(Kind.STATUS, text));
    }

    private void run() {
        try {
            Item item = waiting.take();
            while (item.kind() != Kind.END) {
                write(item);
                if (waiting.isEmpty()) {
                    target.flush();
                }
                item = waiting.take();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!status.isEmpty()) {
            target.print(CLEAR);
        }
        target.flush();
    }

    private void write(Item item) {
        if (!status.isEmpty()) {
            target.print(CLEAR);
        }
        if (item.kind() == Kind.STATUS) {
            status = item.text();
        } else {
            long left = omitted.getAndSet(0);
            target.print(left == 0 ? item.text() + '\n' : omission.apply(left) + '\n' + item.text() + '\n');
        }
        if (!status.isEmpty()) {
            target.print(NO_WRAP + status + WRAP);
        }
    }

    /** Writes what waits, unless that takes longer than two seconds, and ends. */
    @Override
    public void close() {
        try {
            if (waiting.offer(new Item(Kind.END, ""), 2, TimeUnit.SECONDS)) {
                thread.join(2_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
