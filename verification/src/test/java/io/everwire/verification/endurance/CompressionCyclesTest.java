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
import io.everwire.verification.conversation.RecordingListener;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Connections that compress and end, again and again: what they had outside the heap must not stay. */
class CompressionCyclesTest {
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
        for (int i = 0; i < CYCLES; i++) {
            RecordingListener client = new RecordingListener();
            Session session = EverwireClient.to(Opened.url(server.port()))
                    .compression(keeping)
                    .listen(client);
            session.send(message);
            assertThat(client.next()).isEqualTo(message);
            session.close();
            Patience.of(session.closed());
        }
        Patience.until("all have ended", () -> server.sessions().isEmpty());
        // At most one or two wait in the pool of each event loop for the next connection.
        assertThat(deflaters() - before).isLessThan(40);
        assertThat(Footprint.count("io.everwire.protocol.MessageDeflater")).isLessThan(40);
    }

    private static long deflaters() {
        return Footprint.count("java.util.zip.Deflater") + Footprint.count("java.util.zip.Inflater");
    }
}
