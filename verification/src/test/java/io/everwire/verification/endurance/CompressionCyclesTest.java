package io.everwire.verification.endurance;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CompressionPolicy;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.verification.conversation.Echo;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Connections that compress and end, again and again: what they had outside the heap must not stay. */
class CompressionCyclesTest {
    private static final int AT_ONCE = 50;
    private static final int CYCLES = Boolean.getBoolean("everwire.full") ? 100_000 : 1_000;

    @AutoClose
    private final Opened opened = new Opened();

    @DisplayName("PMD-08: deflaters and inflaters of connections that have ended")
    @Test
    void leaveNoDeflaterBehindForEachConnection() throws Exception {
        CompressionPolicy keeping = CompressionPolicy.DEFAULT.withContext(true, true);
        Echo echo = new Echo();
        EverwireServer server =
                opened.serve(EverwireServer.builder().compression(keeping).listen("/", echo));
        Message message = Message.text("compressible ".repeat(50));
        long before = deflaters();
        for (int i = 0; i < CYCLES; i += AT_ONCE) {
            List<Session> sessions = new ArrayList<>();
            for (int j = 0; j < AT_ONCE; j++) {
                sessions.add(EverwireClient.to(Opened.url(server.port()))
                        .compression(keeping)
                        .open());
            }
            for (Session session : sessions) {
                session.send(message);
                assertThat(session.receive(Patience.LIMIT)).isEqualTo(message);
                session.close();
            }
            for (Session session : sessions) {
                Patience.of(session.closed());
            }
        }
        Patience.until("all have ended", () -> server.sessions().isEmpty());
        // Those of one batch may wait in the pools for the next connections: a deflater at each end, and a few
        // inflaters.
        assertThat(deflaters() - before).isLessThan(3 * AT_ONCE);
        assertThat(Footprint.count("io.everwire.protocol.MessageDeflater")).isLessThan(AT_ONCE);
    }

    private static long deflaters() {
        return Footprint.count("java.util.zip.Deflater") + Footprint.count("java.util.zip.Inflater");
    }
}
