package io.everwire.verification.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseStatus;
import io.everwire.Message;
import io.everwire.MessageView;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.verification.conversation.Frame;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RawPeer;
import io.everwire.verification.conversation.RawServer;
import io.everwire.verification.conversation.RecordingListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Buffers are used again: whatever was in them before must never get on the wire. */
class PoisonedBuffersTest {
    private static final byte[] POISON = new byte[1 << 17];

    static {
        java.util.Arrays.fill(POISON, (byte) 0xDB);
    }

    @AutoClose
    private final Opened opened = new Opened();

    /** Echoes what comes, from buffers that are full of poison. */
    private static final class Poisoner extends RecordingListener {
        @Override
        public void onView(Session session, MessageView view) {
            poison();
            session.trySend(view);
        }

        @Override
        public void onEvent(Session session, SessionEvent event) {
            poison();
            super.onEvent(session, event);
        }
    }

    /** Runs on the event loop, whose buffers they are. */
    private static void poison() {
        for (int round = 0; round < 2; round++) {
            List<ByteBuf> buffers = new ArrayList<>();
            for (int size = 16; size <= 64 << 10; size *= 2) {
                for (int i = 0; i < 4; i++) {
                    buffers.add(ByteBufAllocator.DEFAULT.directBuffer(size));
                    buffers.add(ByteBufAllocator.DEFAULT.heapBuffer(size));
                }
            }
            for (ByteBuf buffer : buffers) {
                buffer.writeBytes(POISON, 0, buffer.writableBytes());
                buffer.release();
            }
        }
    }

    /** Returns the next frame that is no ping of the endpoint's own; those hold a number and a time. */
    private static Frame next(RawPeer peer) throws Exception {
        Frame frame = peer.read();
        while (frame.opcode() == Frame.PING) {
            assertThat(frame.payload()).hasSize(16);
            peer.write(Frame.pongTo(frame));
            frame = peer.read();
        }
        return frame;
    }

    private static String text(int length) {
        return "abcdefghij".repeat(length / 10 + 1).substring(0, length);
    }

    /** Converses about everything that an endpoint writes; each byte of it is known. */
    private static void converse(RawPeer peer) throws Exception {
        for (int length : new int[] {0, 1, 125, 126, 127, 1_000, 16_384, 16_385, 65_536, 200_000}) {
            peer.write(Frame.text(text(length)));
            StringBuilder echoed = new StringBuilder();
            for (Frame part = next(peer); ; part = next(peer)) {
                assertThat(part.opcode()).isIn(Frame.TEXT, Frame.CONTINUATION);
                echoed.append(part.text());
                if (part.isLast()) {
                    break;
                }
            }
            assertThat(echoed).hasToString(text(length));
        }
        for (int length = 0; length <= 125; length++) {
            peer.write(Frame.ping(text(length)));
            assertThat(next(peer))
                    .isEqualTo(new Frame(true, Frame.PONG, text(length).getBytes(StandardCharsets.UTF_8)));
        }
    }

    @DisplayName("BUF-01: what a server writes")
    @Test
    void writesNothingOfOldBuffersAsAServer() throws Exception {
        Poisoner listener = new Poisoner();
        EverwireServer server = opened.serve(listener);
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write("GET /nowhere HTTP/1.1\r\n" + RawPeer.HEADERS + "\r\n");
            assertThat(peer.readAll()).matches("[ -~\r\n]*");
        }
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write(RawPeer.REQUEST);
            assertThat(peer.readHead()).matches("[ -~\r\n]*");
            converse(peer);
            listener.session().close(new CloseStatus(4000, "known"));
            assertThat(next(peer)).isEqualTo(Frame.close(4000, "known"));
            peer.write(Frame.close(4000, ""));
            assertThat(peer.readOrEnd()).isNull();
        }
    }

    @DisplayName("BUF-01: what a client writes")
    @Test
    void writesNothingOfOldBuffersAsAClient() throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        RawServer server = opened.add(new RawServer((peer, number) -> {
            try {
                assertThat(peer.upgrade()).matches("[ -~\r\n]*");
                converse(peer);
                peer.write(Frame.text("close"));
                assertThat(next(peer)).isEqualTo(Frame.text("close"));
                peer.write(Frame.close(4001, "yours"));
                assertThat(next(peer)).isEqualTo(Frame.close(4001, "yours"));
                done.complete(null);
            } catch (Exception | AssertionError e) {
                done.completeExceptionally(e);
            }
        }));
        Poisoner listener = new Poisoner();
        Session session = opened.connect(
                EverwireClient.to(server.url()).reconnect(io.everwire.ReconnectPolicy.never()), listener);
        Patience.of(done);
        assertThat(Patience.of(session.closed()).status().code()).isEqualTo(4001);
        assertThat(session.trySend(Message.text("late"))).isFalse();
    }
}
