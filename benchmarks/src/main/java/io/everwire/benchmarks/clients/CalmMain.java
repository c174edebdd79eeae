package io.everwire.benchmarks.clients;

import io.everwire.LivenessPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.benchmarks.load.Stalls;
import io.everwire.client.EverwireClient;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds sessions of Everwire's client that say nothing. Its arguments are the URL, how many, and the pings' interval and time-out in
 * milliseconds. It writes a line when all are connected, and answers {@code lost} with the number of connections that were lost
 * since it began, and {@code stall} with the milliseconds for which it longest had no core. Ends with its input.
 */
public final class CalmMain implements SessionListener {
    /** So many are connected at once. */
    private static final int WAVE = 50;

    private static final int NO_BUDGET = 100_000;
    private static final long POLL_NANOS = 1_000_000;

    private final AtomicInteger ready = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();

    private CalmMain() {}

    /** Connects all. */
    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        CalmMain calm = new CalmMain();
        LivenessPolicy liveness = LivenessPolicy.DEFAULT
                .withPing(Duration.ofMillis(Long.parseLong(args[2])), Duration.ofMillis(Long.parseLong(args[3])))
                .withPingJitter(0);
        calm.connect(
                EverwireClient.to(args[0]).liveness(liveness).hostBudget(NO_BUDGET, NO_BUDGET),
                Integer.parseInt(args[1]));
        out.println("0");
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Stalls stalls = Stalls.watch();
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            out.println(order.equals("stall") ? stalls.worstMillis() : calm.lost.get());
        }
        Runtime.getRuntime().halt(0);
    }

    private void connect(EverwireClient.Builder client, int count) {
        for (int begun = 1; begun <= count; begun++) {
            client.listen(this);
            while (begun - ready.get() >= WAVE || (begun == count && ready.get() < count)) {
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    @Override
    public void onEvent(Session session, SessionEvent event) {
        if (event instanceof SessionEvent.Ready) {
            ready.incrementAndGet();
        } else if (event instanceof SessionEvent.Lost || event instanceof SessionEvent.Closed) {
            lost.incrementAndGet();
        }
    }
}
