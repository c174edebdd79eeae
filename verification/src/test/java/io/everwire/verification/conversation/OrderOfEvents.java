package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.SessionEvent;
import java.util.List;

/** Checks that a session told its events each once, in an order that can happen, with ascending epochs. */
final class OrderOfEvents {
    private OrderOfEvents() {}

    static void check(List<SessionEvent> events) {
        int epoch = 0;
        boolean isOpen = false;
        boolean isReady = false;
        for (int i = 0; i < events.size(); i++) {
            SessionEvent event = events.get(i);
            String where = "event " + i + " of " + events;
            if (event instanceof SessionEvent.Open) {
                assertThat(isOpen).as(where).isFalse();
                assertThat(event.epoch()).as(where).isEqualTo(++epoch);
                isOpen = true;
                isReady = false;
            } else if (event instanceof SessionEvent.Ready) {
                assertThat(isOpen && !isReady).as(where).isTrue();
                isReady = true;
            } else if (event instanceof SessionEvent.Reconnected) {
                assertThat(events.get(i - 1)).as(where).isInstanceOf(SessionEvent.Ready.class);
            } else if (event instanceof SessionEvent.Lost) {
                assertThat(isOpen).as(where).isTrue();
                isOpen = false;
            } else if (event instanceof SessionEvent.Waiting || event instanceof SessionEvent.Connecting) {
                assertThat(isOpen).as(where).isFalse();
            } else if (event instanceof SessionEvent.Closed) {
                assertThat(i).as(where).isEqualTo(events.size() - 1);
            }
            assertThat(event.epoch()).as(where).isEqualTo(epoch);
        }
    }
}
