package io.everwire.verification.conversation;

import com.sun.management.ThreadMXBean;
import io.everwire.Message;
import io.everwire.MessageView;
import io.everwire.Session;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.transport.EventLoops;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Counts what the event loops allocate while a message of 64 bytes goes to and fro, and writes it to a file. */
final class BorrowedRoundTrips {
    private static final int WARM_UP = 100_000;
    private static final int MEASURED = 50_000;

    private BorrowedRoundTrips() {}

    /** Sends every message back; on the way it counts, and notes the begin and the end. */
    private static final class Returning implements SessionListener {
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final long[] ids;
        private final CountDownLatch done = new CountDownLatch(1);
        private long count;
        private long before;
        private long after;

        Returning(long[] ids) {
            this.ids = ids;
        }

        @Override
        public void onView(Session session, MessageView view) {
            count++;
            if (count == WARM_UP) {
                before = allocated();
            } else if (count == WARM_UP + MEASURED) {
                after = allocated();
                done.countDown();
                return;
            }
            session.trySend(view);
        }

        private long allocated() {
            long sum = 0;
            for (long id : ids) {
                sum += threads.getThreadAllocatedBytes(id);
            }
            return sum;
        }
    }

    public static void main(String[] arguments) throws Exception {
        try (EventLoops serving = EventLoops.create(1);
                EventLoops dialing = EventLoops.create(1);
                EverwireServer server = EverwireServer.builder()
                        .eventLoops(serving)
                        .listen("/", new Echo())
                        .start()) {
            long[] ids = {idOf(serving), idOf(dialing)};
            Returning returning = new Returning(ids);
            try (Session session = EverwireClient.to(Opened.url(server.port()))
                    .eventLoops(dialing)
                    .listen(returning)) {
                session.trySend(Message.binary(new byte[64]));
                if (!returning.done.await(50, TimeUnit.SECONDS)) {
                    throw new AssertionError("only " + returning.count + " round trips; " + session.explain());
                }
            }
            double perRoundTrip = (double) (returning.after - returning.before) / MEASURED;
            Files.writeString(Path.of(arguments[0]), Double.toString(perRoundTrip));
        }
    }

    private static long idOf(EventLoops loops) throws Exception {
        return loops.next().submit(() -> Thread.currentThread().getId()).get();
    }
}
