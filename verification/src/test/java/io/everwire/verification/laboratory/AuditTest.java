package io.everwire.verification.laboratory;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Delivery;
import io.everwire.verification.laboratory.Book.Entry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the audit lets pass, and what it does not. */
class AuditTest {
    private static Book book(String offered, int confirmed, String received, int first) {
        Map<Long, Delivery.Outcome> outcomes = new HashMap<>();
        for (long id = 1; id <= confirmed; id++) {
            outcomes.put(id, Delivery.Outcome.CONFIRMED);
        }
        List<Entry> entries = IntStream.range(0, received.length())
                .mapToObj(i -> new Entry("s", first + i, received.substring(i, i + 1)))
                .toList();
        return new Book(List.of(offered.split("", -1)).subList(0, offered.length()), outcomes, entries);
    }

    private static Audit audit(Book client, Book... lives) {
        return Audit.of(client, List.of(lives));
    }

    @Test
    void findsNothingWhereNothingIsWrong() {
        Audit audit = audit(book("abc", 3, "xyz", 1), book("xyz", 3, "abc", 1));
        assertThat(audit.mistakes()).isEmpty();
        assertThat(audit.verdict()).isEqualTo("0 / 0 / 0");
    }

    @Test
    void letsAKilledServerHandOverAgainAndForgetWhatWasNeverConfirmed() {
        Audit audit = audit(book("abcd", 4, "xypq", 1), book("xyz", 1, "abc", 1), book("pq", 2, "bcd", 2));
        assertThat(audit.mistakes()).isEmpty();
        assertThat(audit.allowed()).isEqualTo("2 handed over again after a kill, 1 of a killed server never confirmed");
    }

    @Test
    void missesWhatWasLostOnTheWayUp() {
        assertThat(audit(book("abc", 3, "", 1), book("", 0, "ab", 1)).verdict()).isEqualTo("1 / 0 / 0");
        assertThat(audit(book("abcd", 4, "", 1), book("", 0, "ab", 1), book("", 0, "d", 4))
                        .mistakes())
                .containsExactly("up: number 4 came where 3 was due");
    }

    @Test
    void noticesWhatCameTwiceInOneLife() {
        Book twice = book("", 0, "aab", 1);
        List<Entry> entries = List.of(new Entry("s", 1, "a"), new Entry("s", 1, "a"), new Entry("s", 2, "b"));
        assertThat(audit(book("ab", 2, "", 1), new Book(twice.offered(), twice.outcomes(), entries))
                        .verdict())
                .isEqualTo("0 / 1 / 0");
    }

    @Test
    void noticesAnotherMessageUnderTheSameNumber() {
        assertThat(audit(book("ab", 2, "", 1), book("", 0, "ba", 1)).verdict()).isEqualTo("0 / 0 / 2");
        assertThat(audit(book("ab", 2, "", 1), book("", 0, "ab", 1), book("", 0, "a", 2))
                        .verdict())
                .isEqualTo("0 / 0 / 1");
    }

    @Test
    void missesWhatWasConfirmedAndDidNotComeDown() {
        assertThat(audit(book("", 0, "xp", 1), book("xyz", 2, "", 1), book("p", 1, "", 1))
                        .mistakes())
                .contains("down: message 2 of life 1 did not come, though it was CONFIRMED");
        assertThat(audit(book("", 0, "x", 1), book("xy", 2, "", 1)).verdict()).isEqualTo("1 / 0 / 0");
    }

    @Test
    void noticesWhatCameInAnotherOrderDown() {
        assertThat(audit(book("", 0, "xzy", 1), book("xyz", 3, "", 1)).mistakes())
                .contains(
                        "down: what came as number 2 of 3 is not what was sent next; of no life is it the next message");
    }

    @Test
    void noticesSendsThatWereNeverConfirmed() {
        assertThat(audit(book("a", 0, "", 1), book("", 0, "a", 1)).mistakes())
                .containsExactly("up: send 1 ended not at all");
    }

    @Test
    void noticesASecondSession() {
        Book two = new Book(List.of(), Map.of(), List.of(new Entry("s", 1, "a"), new Entry("t", 2, "b")));
        assertThat(audit(book("ab", 2, "", 1), two).mistakes())
                .containsExactly("up: messages of 2 sessions were handed over");
    }
}
