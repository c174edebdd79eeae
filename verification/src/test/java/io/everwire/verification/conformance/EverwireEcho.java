package io.everwire.verification.conformance;

import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.MessageView;
import io.everwire.Session;
import io.everwire.SessionListener;
import io.everwire.server.EverwireServer;
import java.time.Duration;

/** Our server with limits that admit the largest message of the suite and its most fragments. */
final class EverwireEcho implements ServerUnderTest {
    private static final int LARGEST_MESSAGE = 16 << 20;
    /** Cases 9.3.1 and 9.4.1 send 4 MiB in fragments of 64 bytes, and then an empty last one. */
    private static final int MOST_FRAGMENTS = (4 << 20) / 64 + 1;

    static final Limits LIMITS =
            Limits.DEFAULT.withMessageBytes(LARGEST_MESSAGE).withFragments(MOST_FRAGMENTS);

    /**
     * Before the suite sends 16 MiB it masks them, and for as long it neither sends nor answers: on a busy machine longer than the
     * default policy allows. Silence is judged by other tests.
     */
    static final LivenessPolicy PATIENT =
            LivenessPolicy.DEFAULT.withPing(Duration.ofSeconds(60), Duration.ofSeconds(60));

    private final EverwireServer server = EverwireServer.builder()
            .limits(LIMITS)
            .liveness(PATIENT)
            .listen("/", new Echo())
            .start();

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
    }

    /** Sends each message back from the buffer it arrived in. */
    private static final class Echo implements SessionListener {
        @Override
        public void onView(Session session, MessageView view) {
            session.trySend(view);
        }
    }
}
