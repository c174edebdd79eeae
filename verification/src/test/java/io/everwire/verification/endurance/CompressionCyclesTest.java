package io.everwire.verification.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CompressionPolicy;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.verification.conversation.CompressionTest;
import io.everwire.verification.conversation.Echo;
import io.everwire.verification.conversation.Frame;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RawPeer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Connections that compress and end, again and again: what they had outside the heap must not stay. */
@Isolated("counts what the process holds")
class CompressionCyclesTest {
    private static final int CYCLES = Boolean.getBoolean("everwire.full") ? 100_000 : 1_000;
    /** Fewer, because a client's sessions share the budget of dialing a host. */
    private static final int CLIENT_CYCLES = CYCLES / 20;

    private static final int RSV1 = 0x40;
    private static final CompressionPolicy KEEPING = CompressionPolicy.DEFAULT.withContext(true, true);
    private static final String TEXT = "compressible ".repeat(50);

    @AutoClose
    private final Opened opened = new Opened();

    @DisplayName("PMD-08: deflaters and inflaters of connections that have ended")
    @Test
    void leaveNoDeflaterBehindForEachConnection() throws Exception {
        EverwireServer server =
                opened.serve(EverwireServer.builder().compression(KEEPING).listen("/", new Echo()));
        byte[] compressed = CompressionTest.deflate(TEXT.getBytes(StandardCharsets.UTF_8));
        long before = deflaters();
        for (int i = 0; i < CYCLES; i++) {
            try (RawPeer peer = CompressionTest.compressedPeer(server, "")) {
                peer.write(new Frame(true, RSV1 | Frame.TEXT, compressed));
                assertThat(peer.read(RSV1 | Frame.TEXT).payload()).hasSizeLessThan(100);
                if (i % 2 == 0) {
                    peer.reset();
                }
            }
        }
        for (int i = 0; i < CLIENT_CYCLES; i++) {
            try (Session session = EverwireClient.to(Opened.url(server.port()))
                    .compression(KEEPING)
                    .open()) {
                session.send(Message.text(TEXT));
                assertThat(session.receive(Patience.LIMIT)).isEqualTo(Message.text(TEXT));
            }
        }
        Patience.until("all have ended", () -> server.sessions().isEmpty());
        // A few wait in the pools of the event loops for the next connections.
        assertThat(deflaters() - before).isLessThan(CLIENT_CYCLES);
        Patience.until(
                "clients have closed their channels, which they leave to their servers for a while",
                () -> Footprint.count("io.everwire.protocol.MessageDeflater") < 10);
    }

    private static long deflaters() {
        return Footprint.count("java.util.zip.Deflater") + Footprint.count("java.util.zip.Inflater");
    }
}
