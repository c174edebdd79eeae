package io.everwire.verification.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Delivery;
import io.everwire.LivenessReport;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RecordingListener;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletionStage;

/** What is asked of every peer once a connection stands, whoever has dialed. */
final class Conversation {
    /** Around each change of the length's encoding, and the largest message by default. */
    private static final int[] LENGTHS = {0, 1, 125, 126, 65_535, 65_536, 1 << 20};

    private final Session session;
    private final RecordingListener heard;
    private final Peer peer;
    private final Table.Row row;

    Conversation(Session session, RecordingListener heard, Peer peer, Table.Row row) {
        this.session = session;
        this.heard = heard;
        this.peer = peer;
        this.row = row;
    }

    void check() {
        checkSubprotocol();
        checkEcho();
        checkFragments();
        checkPings();
    }

    private void checkSubprotocol() {
        assertThat(Objects.requireNonNull(session.handshake()).subprotocol()).isEqualTo(Orders.SUBPROTOCOL);
        assertThat(ask(Orders.SUBPROTOCOL_PLEASE)).isEqualTo("subprotocol " + Orders.SUBPROTOCOL);
        row.holds("subprotocol");
    }

    private void checkEcho() {
        List<CompletionStage<Delivery>> deliveries = new ArrayList<>();
        for (int length : LENGTHS) {
            for (Message message : List.of(text(length), binary(length))) {
                deliveries.add(session.send(message));
                assertThat(heard.next()).isEqualTo(message);
            }
        }
        assertThat(deliveries).allSatisfy(sent -> assertThat(Patience.of(sent)).isEqualTo(Delivery.CONFIRMED));
        row.holds("echo of text and binary, 0 to 1,048,576 bytes");
    }

    private void checkFragments() {
        if (peer.can(Peer.Skill.FRAGMENT)) {
            assertThat(ask(Orders.FRAGMENTS)).isEqualTo(String.join("", Orders.PARTS));
            row.holds("fragments from it");
        }
    }

    private void checkPings() {
        LivenessReport liveness = Objects.requireNonNull(session.liveness());
        assertThat(liveness.pingsAnswered()).isPositive();
        assertThat(liveness.smoothedRoundTrip()).isPositive();
        row.holds("ping to it");
        if (peer.can(Peer.Skill.PING)) {
            assertThat(ask(Orders.PING + "are you there?")).isEqualTo("pong are you there?");
            row.holds("ping from it");
        }
    }

    /** Asks the peer for something and returns what it answers. */
    String ask(String order) {
        session.trySend(Message.text(order));
        return heard.next().text();
    }

    /** Characters of four bytes, and of one where they do not fit. */
    private static Message text(int length) {
        return Message.text("\ud83d\ude00".repeat(length / 4) + "x".repeat(length % 4));
    }

    private static Message binary(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return Message.copyOf(false, ByteBuffer.wrap(bytes));
    }
}
