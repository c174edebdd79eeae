package io.everwire.session.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.ResumePolicy;
import org.junit.jupiter.api.Test;

/** A client offers what it takes; what a server keeps for it is the server's to say. */
class OfferedWindowTest {
    private final ReplayBudget budget = new ReplayBudget(1 << 30);
    private final ServerResume<String> server = ServerResume.begin(
            Hellos.SID,
            new SessionSettings(
                    ResumePolicy.DEFAULT.withWindow(64 << 10, 100), 65_472, 0, SessionStore.Durability.MEMORY, budget),
            0);

    private void attach(long windowKib, long windowMessages) {
        server.begin(new Offer(0, 1, windowKib, windowMessages, null), new byte[32], null, -1, null, 0);
        server.handleControl(1, new Control.Ack(0), 0);
    }

    private int fill(int bytes) {
        int accepted = 0;
        while (server.hasRoom(bytes)) {
            server.accept("m", bytes, 0);
            accepted++;
        }
        return accepted;
    }

    @Test
    void keepsNoMoreThanTheServersOwnWindowForAClientThatNeverAcknowledges() {
        attach(1 << 20, 1 << 20);
        assertThat(fill(960)).isEqualTo(64);
        assertThat(budget.takenBytes()).isEqualTo(64 << 10);
    }

    @Test
    void keepsNoMoreMessagesEither() {
        attach(1 << 20, 1 << 20);
        assertThat(fill(1)).isEqualTo(100);
    }

    @Test
    void saysWhatIsTheLargestThatFits() {
        attach(1 << 20, 1 << 20);
        assertThat(server.largestBytes()).isEqualTo(65_472);
        assertThat(server.hasRoom(65_472)).isTrue();
        assertThat(server.hasRoom(65_473)).isFalse();
    }

    @Test
    void obeysASmallerWindow() {
        attach(2, 10);
        assertThat(server.largestBytes()).isEqualTo(2048 - 64);
        assertThat(fill(1)).isEqualTo(10);
    }
}
