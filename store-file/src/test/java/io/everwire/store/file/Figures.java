package io.everwire.store.file;

import io.everwire.Message;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore.Durability;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * Measures what a store does on this machine, as quoted in {@code docs/guide/stores.md}. Its arguments are a directory to be made,
 * and the seconds for each figure.
 */
final class Figures {
    private static final int PAYLOAD_BYTES = 200;
    private static final int WINDOW = 1_000;
    /** How many sessions with a full window are kept. */
    private static final int KEEPING = 1_000;

    private static final PrintStream OUT = System.out;

    private Figures() {}

    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments[0]);
        double seconds = Double.parseDouble(arguments[1]);
        for (Durability durability : List.of(Durability.PROCESS, Durability.POWER)) {
            for (int outstanding : new int[] {1, 16, 256}) {
                Path directory = root.resolve(durability + "-" + outstanding);
                measure(directory, durability, outstanding, seconds / 2);
                OUT.printf(
                        "%s, %d outstanding: %.0f messages/s%n",
                        durability, outstanding, measure(directory, durability, outstanding, seconds));
            }
        }
        keep(root.resolve("kept"));
        reopen(root.resolve("kept"));
    }

    /** Appends to 16 sessions in turn, acknowledging what is a window old; returns how many a second. */
    private static double measure(Path directory, Durability durability, int outstanding, double seconds)
            throws Exception {
        try (FileStore store = FileStore.open(directory, durability)) {
            int sessions = 16;
            long high = System.nanoTime();
            for (int i = 0; i < sessions; i++) {
                Calls.begin(store, new SessionId(high, i));
            }
            List<Message> message = List.of(Message.binary(new byte[PAYLOAD_BYTES]));
            Semaphore free = new Semaphore(outstanding);
            long start = System.nanoTime();
            long appended = 0;
            while (System.nanoTime() - start < seconds * 1e9) {
                SessionId sid = new SessionId(high, appended % sessions);
                long number = appended / sessions + 1;
                free.acquire();
                store.append(sid, 1, number, message).whenComplete((outcome, failure) -> free.release());
                if (number % 100 == 0) {
                    store.commit(sid, 1, number, Math.max(0, number - WINDOW));
                }
                appended++;
            }
            free.acquire(outstanding);
            return appended / ((System.nanoTime() - start) / 1e9);
        }
    }

    /** Keeps many messages, and tells what that costs on disk. */
    private static void keep(Path directory) throws IOException {
        try (FileStore store = FileStore.open(directory)) {
            List<Message> all = Collections.nCopies(WINDOW, Message.binary(new byte[PAYLOAD_BYTES]));
            for (int i = 0; i < KEEPING; i++) {
                Calls.begin(store, new SessionId(0, i));
                Calls.result(store.append(new SessionId(0, i), 1, 1, all));
            }
        }
        OUT.printf(
                "on disk: %d bytes beside each payload%n",
                Files.size(directory.resolve("journal")) / (KEEPING * WINDOW) - PAYLOAD_BYTES);
    }

    /** Opens what keeps many messages, and tells what that costs in time and memory. */
    private static void reopen(Path directory) {
        long before = usedBytes();
        long start = System.nanoTime();
        FileStore store = FileStore.open(directory);
        OUT.printf("opened %d messages in %.1f s%n", KEEPING * WINDOW, (System.nanoTime() - start) / 1e9);
        OUT.printf("in memory: %d bytes for each message%n", (usedBytes() - before) / (KEEPING * WINDOW));
        store.close();
    }

    private static long usedBytes() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
