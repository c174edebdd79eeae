package io.everwire.verification.stores;

import static io.everwire.session.resume.SessionStore.Outcome.DONE;
import static io.everwire.session.resume.SessionStore.Outcome.FENCED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.LossReason;
import io.everwire.Message;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore;
import io.everwire.session.resume.SessionStore.Claim;
import io.everwire.session.resume.SessionStore.Outcome;
import io.everwire.session.resume.SessionStore.Positions;
import io.everwire.session.resume.SessionStore.Tombstone;
import io.everwire.verification.conversation.Patience;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What every {@link SessionStore} keeps to. A store that outlives its process is closed and opened again between the steps. */
abstract class StoreContract {
    private static final long NOW = 1_800_000_000_000L;
    private static final long TTL = 120_000;
    private static final SessionId SID = new SessionId(7, 1);

    private SessionStore store;

    /** Makes an empty store. */
    abstract SessionStore open();

    /** Ends what the process knows, and begins anew with what the store knows; a store in memory goes on. */
    abstract SessionStore reopened(SessionStore store);

    @BeforeEach
    void openStore() {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Nested
    class Ownership {
        @Test
        void beginsWithEpoch1AndWithoutAnAttempt() {
            assertThat(create(SID)).isEqualTo(DONE);
            assertThat(append(SID, 1, 1, "a")).isEqualTo(DONE);
            assertThat(append(SID, 0, 2, "b")).isEqualTo(FENCED);
            assertThat(append(SID, 2, 2, "b")).isEqualTo(FENCED);

            assertThat(claim(SID, 0)).isEqualTo(new Claim.Claimed(2, new Positions(0, 1, 0)));
        }

        @Test
        void isTakenByALargerAttemptOnly() {
            create(SID);

            assertThat(claim(SID, 5)).isEqualTo(new Claim.Claimed(2, new Positions(0, 0, 0)));
            restart();
            assertThat(claim(SID, 5)).isEqualTo(new Claim.Stale(5));
            assertThat(claim(SID, 4)).isEqualTo(new Claim.Stale(5));
            assertThat(renew(SID, 2)).isEqualTo(DONE);
            assertThat(claim(SID, 6)).isEqualTo(new Claim.Claimed(3, new Positions(0, 0, 0)));
        }

        @Test
        void thatIsLostFencesEveryWriteAndEveryRead() {
            create(SID);
            append(SID, 1, 1, "a");
            claim(SID, 1);
            restart();

            assertThat(append(SID, 1, 2, "b")).isEqualTo(FENCED);
            assertThat(commit(SID, 1, 9, 1)).isEqualTo(FENCED);
            assertThat(renew(SID, 1)).isEqualTo(FENCED);
            assertThat(end(SID, 1, new Tombstone(LossReason.ENDED, 9, NOW))).isEqualTo(FENCED);
            assertThatThrownBy(() -> read(SID, 1, 1)).hasCauseInstanceOf(IllegalStateException.class);

            assertThat(claim(SID, 2)).isEqualTo(new Claim.Claimed(3, new Positions(0, 1, 0)));
            assertThat(read(SID, 3, 1)).containsExactly(Message.text("a"));
        }

        @Test
        void ofASessionThatNobodyCreatedIsNotGiven() {
            assertThat(claim(SID, 1)).isEqualTo(new Claim.Gone(null));
            assertThat(append(SID, 1, 1, "a")).isEqualTo(FENCED);
            assertThat(commit(SID, 1, 1, 0)).isEqualTo(FENCED);
            assertThat(renew(SID, 1)).isEqualTo(FENCED);
            assertThat(end(SID, 1, null)).isEqualTo(FENCED);
            assertThatThrownBy(() -> read(SID, 1, 1)).hasCauseInstanceOf(IllegalStateException.class);
        }

        @Test
        void isBegunTwiceWhenTheFirstTimeIsInDoubt() {
            assertThat(create(SID)).isEqualTo(DONE);
            assertThat(create(SID)).isEqualTo(DONE);

            append(SID, 1, 1, "a");
            assertThat(create(SID)).isEqualTo(FENCED);
            assertThat(read(SID, 1, 1)).hasSize(1);
        }

        @Test
        void isNotBegunOverAClaimATakenMessageOrATombstone() {
            create(SID);
            claim(SID, 0);
            assertThat(create(SID)).isEqualTo(FENCED);

            SessionId other = new SessionId(7, 2);
            create(other);
            commit(other, 1, 1, 0);
            assertThat(create(other)).isEqualTo(FENCED);

            end(other, 1, new Tombstone(LossReason.ENDED, 1, NOW));
            assertThat(create(other)).isEqualTo(FENCED);
        }
    }

    @Nested
    class Messages {
        @Test
        void areReadAsTheyWereAppended() {
            List<Message> messages = List.of(
                    Message.text("grüße"),
                    Message.binary((byte) 0, (byte) -1),
                    Message.text(""),
                    Message.binary(),
                    Message.binary(new byte[300_000]));
            create(SID);
            assertThat(of(store.append(SID, 1, 1, messages))).isEqualTo(DONE);
            restart();

            assertThat(claim(SID, 1)).isEqualTo(new Claim.Claimed(2, new Positions(0, 5, 0)));
            assertThat(read(SID, 2, 1)).isEqualTo(messages);
            assertThat(read(SID, 2, 4)).isEqualTo(messages.subList(3, 5));
            assertThat(read(SID, 2, 6)).isEmpty();
        }

        @Test
        void areSkippedByTheirNumbersWhenAppendedAgain() {
            create(SID);
            append(SID, 1, 1, "a", "b", "c");

            assertThat(append(SID, 1, 1, "a", "b", "c")).isEqualTo(DONE);
            assertThat(append(SID, 1, 2, "b", "c", "d")).isEqualTo(DONE);
            assertThat(append(SID, 1, 1)).isEqualTo(DONE);
            restart();

            assertThat(append(SID, 1, 4, "d", "e")).isEqualTo(DONE);
            assertThat(texts(read(SID, 1, 1))).containsExactly("a", "b", "c", "d", "e");
        }

        @Test
        void thatLeaveANumberOutAreRefusedAndChangeNothing() {
            create(SID);
            append(SID, 1, 1, "a");

            assertThatThrownBy(() -> append(SID, 1, 3, "c"))
                    .hasCauseInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("message 3 cannot be appended");
            assertThatThrownBy(() -> append(SID, 1, 0, "c")).hasCauseInstanceOf(IllegalArgumentException.class);

            assertThat(append(SID, 1, 2, "b")).isEqualTo(DONE);
            assertThat(texts(read(SID, 1, 1))).containsExactly("a", "b");
        }

        @Test
        void areForgottenWhenAcknowledgedAndKeepTheirNumbers() {
            create(SID);
            append(SID, 1, 1, "a", "b", "c");
            assertThat(commit(SID, 1, 0, 2)).isEqualTo(DONE);
            restart();

            assertThat(texts(read(SID, 1, 3))).containsExactly("c");
            assertThatThrownBy(() -> read(SID, 1, 2)).hasCauseInstanceOf(IllegalArgumentException.class);
            assertThat(append(SID, 1, 1, "a", "b", "c", "d")).isEqualTo(DONE);
            assertThat(texts(read(SID, 1, 3))).containsExactly("c", "d");

            commit(SID, 1, 0, 4);
            restart();
            assertThat(read(SID, 1, 5)).isEmpty();
            assertThat(append(SID, 1, 5, "e")).isEqualTo(DONE);
            assertThat(claim(SID, 1)).isEqualTo(new Claim.Claimed(2, new Positions(0, 5, 4)));
        }

        @Test
        void keepTheOrderOfTheirCallsThoughNobodyWaits() {
            create(SID);
            List<CompletionStage<Outcome>> appended = LongStream.rangeClosed(1, 2_000)
                    .mapToObj(number -> store.append(SID, 1, number, List.of(Message.text("m" + number))))
                    .toList();
            CompletionStage<Claim> claimed = store.claim(SID, 1, NOW, TTL);
            CompletionStage<Outcome> late = store.append(SID, 1, 2_001, List.of(Message.text("late")));

            assertThat(appended).allMatch(stage -> of(stage) == DONE);
            assertThat(of(claimed)).isEqualTo(new Claim.Claimed(2, new Positions(0, 2_000, 0)));
            assertThat(of(late)).isEqualTo(FENCED);
            assertThat(texts(read(SID, 2, 1)))
                    .isEqualTo(LongStream.rangeClosed(1, 2_000)
                            .mapToObj(number -> "m" + number)
                            .toList());
        }
    }

    @Nested
    class Commits {
        @Test
        void neverMoveBack() {
            create(SID);
            append(SID, 1, 1, "a", "b", "c");
            assertThat(commit(SID, 1, 7, 2)).isEqualTo(DONE);
            assertThat(commit(SID, 1, 6, 3)).isEqualTo(DONE);
            assertThat(commit(SID, 1, 8, 1)).isEqualTo(DONE);
            restart();

            assertThat(claim(SID, 1)).isEqualTo(new Claim.Claimed(2, new Positions(8, 3, 3)));
        }

        @Test
        void ofWhatWasNeverAppendedAreRefusedAndChangeNothing() {
            create(SID);
            append(SID, 1, 1, "a");

            assertThatThrownBy(() -> commit(SID, 1, 5, 2))
                    .hasCauseInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("only 1 were appended");

            assertThat(claim(SID, 1)).isEqualTo(new Claim.Claimed(2, new Positions(0, 1, 0)));
        }
    }

    @Nested
    class Ends {
        @Test
        void leaveTheirTombstone() {
            Tombstone tombstone = new Tombstone(LossReason.OVERRUN, 42, NOW);
            create(SID);
            append(SID, 1, 1, "a");
            assertThat(end(SID, 1, tombstone)).isEqualTo(DONE);
            restart();

            assertThat(claim(SID, 1)).isEqualTo(new Claim.Gone(tombstone));
            assertThat(append(SID, 1, 2, "b")).isEqualTo(FENCED);
            assertThat(end(SID, 1, new Tombstone(LossReason.ENDED, 43, NOW))).isEqualTo(FENCED);
            assertThat(claim(SID, 2)).isEqualTo(new Claim.Gone(tombstone));
        }

        @Test
        void leaveNothingWhenThereIsNothingToLeave() {
            create(SID);
            assertThat(end(SID, 1, null)).isEqualTo(DONE);
            restart();

            assertThat(claim(SID, 1)).isEqualTo(new Claim.Gone(null));
        }

        @Test
        void comeToWhoIsNotRenewed() {
            create(SID);
            commit(SID, 1, 3, 0);
            assertThat(of(store.renew(SID, 1, NOW + TTL - 1, TTL))).isEqualTo(DONE);
            restart();

            assertThat(of(store.claim(SID, 1, NOW + 2 * TTL - 2, 10))).isInstanceOf(Claim.Claimed.class);
            long expiry = NOW + 2 * TTL + 8;
            Claim.Gone gone = new Claim.Gone(new Tombstone(LossReason.EXPIRED, 3, expiry));
            assertThat(of(store.claim(SID, 2, expiry, TTL))).isEqualTo(gone);
            restart();
            assertThat(of(store.claim(SID, 3, expiry, TTL))).isEqualTo(gone);
            assertThat(of(store.append(SID, 2, 1, List.of(Message.text("late")))))
                    .isEqualTo(FENCED);
        }

        @Test
        void areCountedByASweep() {
            for (int i = 0; i < 200; i++) {
                of(store.create(new SessionId(7, i), NOW, i < 150 ? TTL : 2 * TTL));
            }

            assertThat(of(store.sweep(NOW + TTL - 1))).isZero();
            assertThat(of(store.sweep(NOW + TTL))).isEqualTo(150);
            restart();
            assertThat(of(store.sweep(NOW + TTL))).isZero();
            assertThat(of(store.claim(new SessionId(7, 1), 1, NOW + TTL, TTL)))
                    .isEqualTo(new Claim.Gone(new Tombstone(LossReason.EXPIRED, 0, NOW + TTL)));
            assertThat(of(store.claim(new SessionId(7, 199), 1, NOW + TTL, TTL)))
                    .isInstanceOf(Claim.Claimed.class);
        }

        @Test
        void areForgottenAfterADay() {
            Tombstone tombstone = new Tombstone(LossReason.ENDED, 1, NOW);
            create(SID);
            end(SID, 1, tombstone);
            long day = SessionStore.TOMBSTONE_MILLIS;

            of(store.sweep(NOW + day));
            assertThat(of(store.claim(SID, 1, NOW + day, TTL))).isEqualTo(new Claim.Gone(tombstone));
            assertThat(of(store.claim(SID, 1, NOW + day + 1, TTL))).isEqualTo(new Claim.Gone(null));
            of(store.sweep(NOW + day + 1));
            assertThat(of(store.claim(SID, 1, NOW, TTL))).isEqualTo(new Claim.Gone(null));
        }

        @Test
        void areRememberedUpToALimit() {
            int count = SessionStore.TOMBSTONES + 2;
            List<CompletionStage<Outcome>> ended = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                SessionId sid = new SessionId(8, i);
                store.create(sid, NOW, TTL);
                ended.add(store.end(sid, 1, new Tombstone(LossReason.ENDED, i, NOW)));
            }
            assertThat(ended).allMatch(stage -> of(stage) == DONE);
            restart();

            assertThat(claim(new SessionId(8, 0), 1)).isEqualTo(new Claim.Gone(null));
            assertThat(claim(new SessionId(8, 1), 1)).isEqualTo(new Claim.Gone(null));
            assertThat(claim(new SessionId(8, 2), 1))
                    .isEqualTo(new Claim.Gone(new Tombstone(LossReason.ENDED, 2, NOW)));
        }
    }

    @Nested
    class Rivals {
        private static final int THREADS = 8;
        private static final int ATTEMPTS = 100;

        @Test
        void areGivenEachAttemptOnceAndNoEpochTwice() throws Exception {
            create(SID);
            CyclicBarrier together = new CyclicBarrier(THREADS);
            List<List<Claim>> claims = inParallel(rival -> {
                List<Claim> mine = new ArrayList<>();
                for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
                    together.await();
                    mine.add(claim(SID, attempt));
                }
                return mine;
            });

            for (int round = 0; round < ATTEMPTS; round++) {
                int attempt = round + 1;
                List<Claim> ofRound =
                        claims.stream().map(mine -> mine.get(attempt - 1)).toList();
                assertThat(ofRound)
                        .as("attempt %d", attempt)
                        .containsOnlyOnce(new Claim.Claimed(attempt + 1, new Positions(0, 0, 0)))
                        .filteredOn(claim -> claim.equals(new Claim.Stale(attempt)))
                        .hasSize(THREADS - 1);
            }
        }

        @Test
        void neverWriteOverEachOther() throws Exception {
            create(SID);
            List<List<String>> written = inParallel(rival -> {
                List<String> mine = new ArrayList<>();
                for (int i = 0; i < ATTEMPTS; i++) {
                    if (claim(SID, (long) i * THREADS + rival) instanceof Claim.Claimed claimed) {
                        String text = rival + "-" + i;
                        long next = claimed.positions().sent() + 1;
                        if (append(SID, claimed.epoch(), next, text) == DONE) {
                            mine.add(text);
                        }
                    }
                }
                return mine;
            });
            restart();

            assertThat(claim(SID, Long.MAX_VALUE))
                    .isInstanceOfSatisfying(
                            Claim.Claimed.class,
                            last -> assertThat(texts(read(SID, last.epoch(), 1)))
                                    .containsExactlyInAnyOrderElementsOf(written.stream()
                                            .flatMap(List::stream)
                                            .toList()));
        }

        private <T> List<T> inParallel(Rival<T> rival) throws Exception {
            ExecutorService threads = Executors.newFixedThreadPool(THREADS);
            try {
                List<Callable<T>> rivals = IntStream.range(0, THREADS)
                        .<Callable<T>>mapToObj(i -> () -> rival.act(i))
                        .toList();
                List<T> results = new ArrayList<>();
                for (Future<T> future : threads.invokeAll(rivals)) {
                    results.add(future.get());
                }
                return results;
            } finally {
                threads.shutdown();
            }
        }
    }

    @FunctionalInterface
    private interface Rival<T> {
        T act(int index) throws Exception;
    }

    @Test
    void keepsOneServerKeyThatNobodyCanChange() {
        byte[] key = store.serverKey();
        assertThat(key).hasSize(SessionStore.SERVER_KEY_BYTES).isNotEqualTo(new byte[SessionStore.SERVER_KEY_BYTES]);

        key[0]++;
        restart();
        key[0]--;
        assertThat(store.serverKey()).isEqualTo(key);
    }

    private void restart() {
        store = reopened(store);
    }

    private static <T> T of(CompletionStage<T> stage) {
        return Patience.of(stage);
    }

    private Outcome create(SessionId sid) {
        return of(store.create(sid, NOW, TTL));
    }

    private Claim claim(SessionId sid, long attempt) {
        return of(store.claim(sid, attempt, NOW, TTL));
    }

    private Outcome append(SessionId sid, long epoch, long first, String... texts) {
        return of(store.append(
                sid, epoch, first, List.of(texts).stream().map(Message::text).toList()));
    }

    private List<Message> read(SessionId sid, long epoch, long from) {
        return of(store.read(sid, epoch, from));
    }

    private Outcome commit(SessionId sid, long epoch, long received, long acknowledged) {
        return of(store.commit(sid, epoch, received, acknowledged));
    }

    private Outcome renew(SessionId sid, long epoch) {
        return of(store.renew(sid, epoch, NOW, TTL));
    }

    private Outcome end(SessionId sid, long epoch, @Nullable Tombstone tombstone) {
        return of(store.end(sid, epoch, tombstone));
    }

    private static List<String> texts(List<Message> messages) {
        return messages.stream().map(Message::text).toList();
    }
}
