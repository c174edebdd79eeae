package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Delivery;
import io.everwire.Limits;
import io.everwire.Message;
import io.everwire.SendOptions;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private final EventLoop loop = EventLoops.shared().next();
    private final AtomicInteger writable = new AtomicInteger();
    private final Outbox outbox = new Outbox(
            loop, Limits.DEFAULT.withMessageBytes(100).withQueue(1_000, 3), writable::incrementAndGet, () -> {});

    private static Send send(String text, @Nullable CompletableFuture<Delivery> delivery) {
        return Outbox.sendOf(Message.text(text), SendOptions.DEFAULT, delivery);
    }

    private Send written(CompletableFuture<Delivery> delivery, long number) {
        Send send = send("text", delivery);
        outbox.offer(send);
        assertThat(outbox.poll()).isSameAs(send);
        send.number = number;
        outbox.handleHanded(send);
        return send;
    }

    @Test
    void givesNothingBeforeItIsOpenButDirectSends() {
        Send queued = send("queued", null);
        Send direct = send("direct", null);
        outbox.offer(queued);

        assertThat(outbox.poll()).isNull();
        outbox.offerDirect(direct);
        assertThat(outbox.poll()).isSameAs(direct);
        assertThat(outbox.poll()).isNull();
        outbox.open();
        assertThat(outbox.poll()).isSameAs(queued);
    }

    @Test
    void isFreeForNobodyWhenItRefuses() {
        outbox.open();
        assertThat(outbox.isFree()).isTrue();
        outbox.refuseOffers();
        assertThat(outbox.isFree())
                .as("also not for what would be written at once")
                .isFalse();
    }

    @Test
    void letsDirectSendsPastAFullQueue() {
        while (outbox.offer(send("queued", null))) {
            assertThat(outbox.queuedBytes()).isPositive();
        }
        Send login = send("login", null);

        assertThat(outbox.offerDirect(login)).isTrue();
        assertThat(outbox.poll()).isSameAs(login);
    }

    @Test
    void tellsThatThereIsRoomWhenAFullQueueIsDropped() {
        while (outbox.offer(send("queued", null))) {
            assertThat(writable).hasValue(0);
        }

        outbox.close();

        assertThat(writable).hasValue(1);
    }

    @Test
    void isFreeOnlyWhenOpenAndEmpty() {
        assertThat(outbox.isFree()).isFalse();
        outbox.open();
        assertThat(outbox.isFree()).isTrue();
        outbox.offer(send("queued", null));
        assertThat(outbox.isFree()).isFalse();
    }

    @Test
    void confirmsUpToANumber() {
        outbox.open();
        CompletableFuture<Delivery> first = new CompletableFuture<>();
        CompletableFuture<Delivery> second = new CompletableFuture<>();
        written(first, 1);
        written(second, 2);

        outbox.handleConfirmed(1);

        assertThat(first).isCompletedWithValue(Delivery.CONFIRMED);
        assertThat(second).isNotDone();
        outbox.handleLost(null, "the link broke");
        assertThat(second).isCompletedWithValue(Delivery.unknown("the link broke"));
    }

    @Test
    void putsAnUnfinishedMessageBackToTheFront() {
        outbox.open();
        CompletableFuture<Delivery> delivery = new CompletableFuture<>();
        Send unfinished = send("unfinished", delivery);
        outbox.offer(unfinished);
        outbox.offer(send("next", null));
        outbox.poll();

        outbox.handleLost(unfinished, "the link broke");

        assertThat(delivery).isNotDone();
        assertThat(outbox.poll()).isNull();
        outbox.open();
        assertThat(outbox.poll()).isSameAs(unfinished);
    }

    @Test
    void settlesDirectSendsOfALostConnection() {
        CompletableFuture<Delivery> waiting = new CompletableFuture<>();
        CompletableFuture<Delivery> unfinished = new CompletableFuture<>();
        Send begun = send("begun", unfinished);
        outbox.offerDirect(begun);
        outbox.poll();
        outbox.offerDirect(send("waiting", waiting));

        outbox.handleLost(begun, "the link broke");

        assertThat(waiting).isCompletedWithValue(Delivery.notSent("the link broke"));
        assertThat(unfinished).isCompletedWithValue(Delivery.notSent("the link broke"));
        assertThat(outbox.queuedBytes()).isZero();
    }

    @Test
    void settlesEverythingThatWaitsAtItsClose() {
        CompletableFuture<Delivery> delivery = new CompletableFuture<>();
        outbox.offer(send("waiting", delivery));

        outbox.close();

        assertThat(delivery).isCompletedWithValue(Delivery.notSent(Outbox.CLOSED));
        assertThat(outbox.queuedBytes()).isZero();
    }

    @Test
    void chargesNothingAnyMoreForAMessageWhoseEndIsTold() {
        CompletableFuture<Delivery> delivery = new CompletableFuture<>();
        CompletableFuture<Long> charged = delivery.thenApply(ignored -> outbox.queuedBytes());
        outbox.offer(send("text", delivery));

        outbox.close();

        assertThat(charged).isCompletedWithValue(0L);
    }

    @Test
    void refusesWhatIsTooLargeOnEveryWay() throws Exception {
        String large = "x".repeat(101);
        CompletableFuture<Delivery> offered = new CompletableFuture<>();
        CompletableFuture<Delivery> direct = new CompletableFuture<>();
        CompletableFuture<Delivery> awaited = new CompletableFuture<>();

        assertThat(outbox.offer(send(large, offered))).isFalse();
        assertThat(outbox.offerDirect(send(large, direct))).isFalse();
        outbox.awaitOffer(send(large, awaited), Duration.ofSeconds(1));

        assertThat(offered.join().reason())
                .contains("101 bytes")
                .isEqualTo(direct.join().reason());
        assertThat(awaited.join()).isEqualTo(offered.join());
        assertThat(outbox.rejected()).isEqualTo(3);
    }

    @Test
    void skipsWhatHasExpiredWhenItIsAskedForTheNext() {
        outbox.open();
        CompletableFuture<Delivery> mortal = new CompletableFuture<>();
        outbox.offer(
                Outbox.sendOf(Message.text("mortal"), SendOptions.DEFAULT.withTimeToLive(Duration.ofNanos(1)), mortal));
        Send hardy = send("hardy", null);
        outbox.offer(hardy);

        assertThat(outbox.poll()).isSameAs(hardy);
        assertThat(mortal.join()).isEqualTo(Delivery.notSent(Delivery.EXPIRED));
    }

    @Test
    void takesTheLongestDurations() {
        assertThat(Outbox.nanosOf(Duration.ofSeconds(Long.MAX_VALUE))).isPositive();
    }
}
