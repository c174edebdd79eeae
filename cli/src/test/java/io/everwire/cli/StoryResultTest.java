package io.everwire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StoryResultTest {
    private static final StoryMessages.Account ALL_BACK = account(0, 0, 0);

    private static StoryMessages.Account account(int unknown, int lost, int duplicated) {
        return new StoryMessages.Account(10, 10 - unknown - lost, unknown, 0, lost, 10, 0, duplicated);
    }

    private static StoryEnd.Verdict noticedAfter(int millis, boolean hadGrace) {
        return new StoryEnd.Verdict(1L, Duration.ofMillis(millis), hadGrace, true);
    }

    private static StoryEnd.Verdict nothing() {
        return new StoryEnd.Verdict(null, null, false, false);
    }

    private static StoryResult judge(
            int outageMillis, StoryEnd.Verdict server, StoryEnd.Verdict client, StoryMessages.Account account) {
        return judge(outageMillis, server, client, account, null);
    }

    private static StoryResult judge(
            int outageMillis,
            StoryEnd.Verdict server,
            StoryEnd.Verdict client,
            StoryMessages.Account account,
            @Nullable String trouble) {
        long heal = Duration.ofMillis(outageMillis).toNanos();
        StoryRecord.Times times = new StoryRecord.Times(0L, heal, heal + 1, server, client, 0);
        return StoryResult.judge(StoryProfile.PLAIN, 0, times, account, trouble);
    }

    @Test
    void isGoodWhenBothNoticedInTimeAndNothingGotLost() {
        assertThat(judge(8_000, noticedAfter(7_004, false), noticedAfter(7_100, false), ALL_BACK)
                        .mistakes())
                .isEmpty();
    }

    @Test
    void isGoodWhenAShortOutageWasNotNoticed() {
        StoryResult result = judge(2_000, nothing(), nothing(), ALL_BACK);

        assertThat(result.mistakes()).isEmpty();
        assertThat(result.isNoticed()).isFalse();
    }

    @Test
    void isBadWhenAVerdictCameTooLate() {
        assertThat(judge(8_000, noticedAfter(7_101, false), noticedAfter(7_004, false), ALL_BACK)
                        .mistakes())
                .containsExactly("the server needed 7.101 s to notice; promised were 7.100 s");
    }

    @Test
    void allowsOneGraceRoundMore() {
        assertThat(judge(12_000, noticedAfter(9_100, true), noticedAfter(7_004, false), ALL_BACK)
                        .mistakes())
                .isEmpty();
    }

    @Test
    void isBadWhenALongOutageWasNotNoticed() {
        assertThat(judge(20_000, noticedAfter(7_004, false), nothing(), ALL_BACK)
                        .mistakes())
                .containsExactly("the client did not notice an outage of 20.000 s; promised were 7.100 s");
    }

    @Test
    void isBadWhenAMessageGotLostWithoutAWord() {
        assertThat(judge(2_000, nothing(), nothing(), account(1, 1, 0)).mistakes())
                .containsExactly("1 message got lost and nobody said so");
    }

    @Test
    void isBadWhenAMessageCameTwice() {
        assertThat(judge(2_000, nothing(), nothing(), account(0, 0, 1)).mistakes())
                .containsExactly("1 message came twice");
    }

    @Test
    void isBadWhenAMessageIsInDoubtThoughTheSessionWasKept() {
        StoryRecord.Times times = new StoryRecord.Times(0L, 1L, 2L, nothing(), nothing(), 0);
        StoryProfile kept = StoryProfile.keepingSessionsOver(Duration.ofSeconds(2));

        assertThat(StoryResult.judge(kept, 0, times, account(1, 0, 0), null).mistakes())
                .containsExactly("1 message may or may not have arrived, though the session was kept");
    }

    @Test
    void isBadWhenTheStoryBrokeOff() {
        assertThat(judge(2_000, nothing(), nothing(), ALL_BACK, "the client did not come back")
                        .mistakes())
                .containsExactly("the client did not come back");
    }
}
