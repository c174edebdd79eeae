package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Message;
import java.nio.ByteBuffer;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class InboxTest {
    private final Inbox inbox = new Inbox(1_000);

    @Test
    void givesMessagesInOrder() {
        inbox.add(Message.text("1"));
        inbox.add(Message.text("2"));

        assertThat(inbox.poll()).isEqualTo(Message.text("1"));
        assertThat(inbox.poll()).isEqualTo(Message.text("2"));
        assertThat(inbox.poll()).isNull();
        assertThat(inbox.isEmpty()).isTrue();
    }

    @Test
    void saysWhenTheReadAheadIsFullAndOnceWhenHalfOfItIsFree() {
        assertThat(inbox.add(Message.binary(new byte[400]))).isFalse();
        assertThat(inbox.add(Message.binary(new byte[600]))).isTrue();
        assertThat(inbox.mayReadAgain()).isFalse();
        inbox.poll();
        assertThat(inbox.mayReadAgain()).isFalse();
        inbox.poll();
        assertThat(inbox.mayReadAgain()).isTrue();
        assertThat(inbox.mayReadAgain()).isFalse();
    }

    /** A session that ends must not do so between the word of the application and its being heard. */
    @Test
    void lendsAMessageUntilTheSessionKnowsThatItIsHandled() throws Exception {
        inbox.add(Message.received(true, ByteBuffer.wrap(new byte[1]), 7));
        assertThat(inbox.isLent()).isFalse();
        inbox.await(TimeUnit.MINUTES.toNanos(1));
        assertThat(inbox.isLent()).isTrue();
        assertThat(inbox.pollLent()).isEqualTo(7);
        assertThat(inbox.pollLent()).isZero();
        assertThat(inbox.isLent()).as("given back, and not known to be").isTrue();
        inbox.noteReturned();
        assertThat(inbox.isLent()).isFalse();
    }

    @Test
    void chargesEmptyMessages() {
        boolean isFull = false;
        int count = 0;
        while (!isFull) {
            isFull = inbox.add(Message.binary());
            count++;
        }
        assertThat(count).isEqualTo(16);
    }

    @Test
    void waitsForAMessage() throws Exception {
        FutureTask<Message> waiting = new FutureTask<>(() -> {
            Message message = inbox.await(TimeUnit.MINUTES.toNanos(1));
            return message == null ? Message.text("none") : message;
        });
        new Thread(waiting, "waiting").start();
        inbox.add(Message.text("here"));

        assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo(Message.text("here"));
    }

    @Test
    void waitsForNobodyAfterTheEnd() throws Exception {
        inbox.add(Message.text("last"));
        inbox.end();

        assertThat(inbox.isExhausted()).isFalse();
        assertThat(inbox.await(TimeUnit.MINUTES.toNanos(1))).isEqualTo(Message.text("last"));
        assertThat(inbox.await(TimeUnit.MINUTES.toNanos(1))).isNull();
        assertThat(inbox.isExhausted()).isTrue();
    }
}
