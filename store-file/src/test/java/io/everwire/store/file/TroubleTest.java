package io.everwire.store.file;

import static io.everwire.store.file.Calls.NOW;
import static io.everwire.store.file.Calls.SID;
import static io.everwire.store.file.Calls.TTL;
import static io.everwire.store.file.Calls.append;
import static io.everwire.store.file.Calls.begin;
import static io.everwire.store.file.Calls.read;
import static io.everwire.store.file.Calls.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.Message;
import io.everwire.session.resume.SessionStore.Claim;
import io.everwire.session.resume.SessionStore.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that are full or slow, and callers that misbehave. */
class TroubleTest {
    private static final int FILE_LIMIT_BYTES = 1_000_000;

    @TempDir
    Path root;

    @Test
    void failsWhenTheDiskIsFullAndGoesOnWhenThereIsRoom() throws Exception {
        try (Child child = limited()) {
            long last = fillUp(child, 0);

            child.tell("append " + (last + 1));
            assertThat(child.line()).contains("could not read or write", "File too large");
            child.tell("commit " + last);
            assertThat(child.line()).isEqualTo("DONE");
            // What was acknowledged is no longer needed; the next failure shows that its place is wanted.
            assertThat(fillUp(child, last)).isEqualTo(last);
            long more = fillUp(child, last);
            assertThat(more).isGreaterThan(last + 10);

            run("prlimit", "--pid", String.valueOf(child.pid()), "--fsize=unlimited:");
            for (long number = more + 1; number < more + 40; number++) {
                child.tell("append " + number);
                assertThat(child.line()).isEqualTo("DONE");
            }
            child.kill();
        }
        try (FileStore store = FileStore.open(root)) {
            assertThat(Calls.claim(store, SID, 1))
                    .isInstanceOfSatisfying(
                            Claim.Claimed.class,
                            claimed -> assertThat(result(store.read(
                                            SID, 2, claimed.positions().acknowledged() + 1)))
                                    .hasSizeGreaterThanOrEqualTo(50));
        }
    }

    @Test
    void losesNothingWhenItIsKilledOnAFullDisk() throws Exception {
        long last;
        try (Child child = limited()) {
            last = fillUp(child, 0);
            child.kill();
        }
        assertThat(Files.size(root.resolve("journal"))).isLessThanOrEqualTo(FILE_LIMIT_BYTES);
        try (FileStore store = FileStore.open(root)) {
            assertThat(result(store.read(SID, 1, 1))).hasSize((int) last);
        }
    }

    /** Appends after the last until the disk is full; returns the last that was reported as done. */
    private static long fillUp(Child child, long last) throws Exception {
        for (long number = last + 1; ; number++) {
            child.tell("append " + number);
            String answer = child.line();
            if (!answer.equals("DONE")) {
                assertThat(answer).contains("could not read or write", "what was reported as done is safe");
                return number - 1;
            }
        }
    }

    /** Starts a process whose files cannot become larger than a limit: to a store, that is a full disk. */
    private Child limited() throws Exception {
        Child child = Child.start(List.of("prlimit", "--fsize=" + FILE_LIMIT_BYTES + ":"), "fill", root.toString());
        assertThat(child.line()).isEqualTo("ready");
        return child;
    }

    @Test
    void takesNoMoreThanItMayHold() {
        CountDownLatch isSlow = new CountDownLatch(1);
        try (FileStore store = FileStore.open(root)) {
            begin(store, SID);
            occupy(store, isSlow);
            Message large = Message.binary(new byte[1 << 20]);
            List<CompletionStage<Outcome>> taken = new ArrayList<>();
            for (int number = 1; number <= 63; number++) {
                taken.add(store.append(SID, 1, number, List.of(large)));
            }
            CompletionStage<Outcome> refused = store.append(SID, 1, 64, List.of(large, large));

            assertThatThrownBy(() -> result(refused))
                    .hasCauseInstanceOf(StoreException.class)
                    .hasMessageContaining("wait for the disk already");
            isSlow.countDown();
            assertThat(taken).allMatch(stage -> result(stage) == Outcome.DONE);
            assertThat(result(store.append(SID, 1, 64, List.of(large, large)))).isEqualTo(Outcome.DONE);
        }
    }

    /** Lets the store's thread wait, as it would for a disk that hangs. */
    private static void occupy(FileStore store, CountDownLatch latch) {
        onItsThread(store, () -> await(latch));
    }

    /** Begins an action on the store's own thread. */
    private static void onItsThread(FileStore store, Runnable action) {
        boolean isThere = false;
        while (!isThere) {
            CompletableFuture<Boolean> entered = new CompletableFuture<>();
            store.renew(SID, 1, NOW, TTL).thenRun(() -> {
                // If the stage was complete already, this is the caller's thread, and it must be tried again.
                boolean isItsThread = Thread.currentThread().getName().equals("everwire-store");
                entered.complete(isItsThread);
                if (isItsThread) {
                    action.run();
                }
            });
            isThere = result(entered);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void goesOnWhenItsThreadIsInterrupted() {
        try (FileStore store = FileStore.open(root)) {
            begin(store, SID);
            for (int number = 1; number <= 20; number++) {
                onItsThread(store, () -> Thread.currentThread().interrupt());
                assertThat(append(store, SID, 1, number, "a")).isEqualTo(Outcome.DONE);
                onItsThread(store, () -> Thread.currentThread().interrupt());
                assertThat(read(store, SID, 1, 1)).hasSize(number);
            }
        }
    }

    @Test
    void completesWhatWasCalledBeforeItIsClosedAndFailsWhatIsCalledAfter() {
        FileStore store = FileStore.open(root);
        begin(store, SID);
        List<CompletionStage<Outcome>> stages = new ArrayList<>();
        for (int number = 1; number <= 500; number++) {
            stages.add(store.append(SID, 1, number, List.of(Message.text("a"))));
        }
        store.close();
        store.close();

        assertThat(stages).allMatch(stage -> result(stage) == Outcome.DONE);
        assertThatThrownBy(() -> begin(store, SID))
                .hasCauseInstanceOf(StoreException.class)
                .hasMessageContaining("the store is closed");
        try (FileStore again = FileStore.open(root)) {
            assertThat(read(again, SID, 1, 1)).hasSize(500);
        }
    }

    @Test
    void doesNotMindAListThatChangesLater() {
        try (FileStore store = FileStore.open(root)) {
            begin(store, SID);
            CountDownLatch isSlow = new CountDownLatch(1);
            occupy(store, isSlow);
            List<Message> messages = new ArrayList<>(List.of(Message.text("a")));
            CompletionStage<Outcome> appended = store.append(SID, 1, 1, messages);
            messages.set(0, Message.text("b"));
            isSlow.countDown();

            result(appended);
            assertThat(read(store, SID, 1, 1)).containsExactly("a");
        }
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}
