package io.everwire.store.file;

import io.everwire.LossReason;
import io.everwire.Message;
import io.everwire.StartException;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore.Claim;
import io.everwire.session.resume.SessionStore.Durability;
import io.everwire.session.resume.SessionStore.Tombstone;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Scanner;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;

/**
 * Opens a store and writes until it is killed. A stage that completes prints its line at once, in one write, so what the parent reads
 * was reported as done.
 */
final class ChildProgram {
    private static final PrintStream OUT = new PrintStream(new FileOutputStream(FileDescriptor.out), true);

    private ChildProgram() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "open" -> openOnly(directory);
            case "write" -> write(directory, Durability.valueOf(arguments[2]), Long.parseLong(arguments[3]));
            case "fill" -> fill(directory);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void openOnly(Path directory) {
        try {
            FileStore.open(directory).close();
            OUT.println("opened");
        } catch (StartException e) {
            OUT.println(e.getMessage());
        }
    }

    /** Writes to sessions of its own, all at once; a session's high word is the seed, its low word its number. */
    private static void write(Path directory, Durability durability, long seed) throws Exception {
        FileStore store = FileStore.open(directory, durability);
        Random random = new Random(seed);
        Semaphore waiting = new Semaphore(64);
        for (long session = 0; ; session++) {
            SessionId sid = new SessionId(seed, session);
            long epoch = 1;
            long acknowledged = 0;
            long messages = random.nextInt(40);
            report(waiting, store.create(sid, Calls.NOW, Calls.TTL), "created", session, 0);
            for (long number = 1; number <= messages; number++) {
                report(
                        waiting,
                        store.append(sid, epoch, number, List.of(message(seed, session, number))),
                        "sent",
                        session,
                        number);
                if (random.nextInt(4) == 0) {
                    acknowledged += random.nextInt((int) (number - acknowledged) + 1);
                    report(
                            waiting,
                            store.commit(sid, epoch, number, acknowledged),
                            "acknowledged",
                            session,
                            acknowledged);
                }
                if (random.nextInt(10) == 0) {
                    report(waiting, store.claim(sid, epoch, Calls.NOW, Calls.TTL), "claimed", session, epoch);
                    epoch++;
                }
            }
            if (random.nextInt(3) == 0) {
                report(
                        waiting,
                        store.end(sid, epoch, new Tombstone(LossReason.ENDED, session, Calls.NOW)),
                        "ended",
                        session,
                        0);
            }
        }
    }

    private static void report(Semaphore waiting, CompletionStage<?> stage, String what, long session, long number)
            throws InterruptedException {
        waiting.acquire();
        stage.whenComplete((outcome, failure) -> {
            waiting.release();
            if (failure == null) {
                OUT.println(what + " " + session + " " + number + " "
                        + (outcome instanceof Claim.Claimed ? "Claimed" : outcome));
            } else {
                OUT.println("failed " + failure);
            }
        });
    }

    static Message message(long seed, long session, long number) {
        byte[] payload = new byte[(int) ((session * 31 + number * 17) % 3_000)];
        new Random(seed * 1_000_003 + session * 1_009 + number).nextBytes(payload);
        return Message.binary(payload);
    }

    /** Appends and acknowledges, one message for each line it is told, and prints what became of it. */
    private static void fill(Path directory) {
        FileStore store = FileStore.open(directory);
        Calls.begin(store, Calls.SID);
        OUT.println("ready");
        Scanner in = new Scanner(System.in, StandardCharsets.UTF_8);
        while (in.hasNextLine()) {
            String[] words = in.nextLine().split(" ", -1);
            long number = Long.parseLong(words[1]);
            try {
                OUT.println(
                        words[0].equals("append")
                                ? Calls.result(
                                        store.append(Calls.SID, 1, number, List.of(Message.binary(new byte[50_000]))))
                                : Calls.result(store.commit(Calls.SID, 1, 0, number)));
            } catch (CompletionException e) {
                OUT.println(e.getCause());
            }
        }
    }
}
