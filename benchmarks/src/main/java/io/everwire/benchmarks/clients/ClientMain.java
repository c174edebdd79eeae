package io.everwire.benchmarks.clients;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Runs one client in a process of its own: its class and the URL are the arguments. It writes what happens as lines, each with its
 * moment in milliseconds since the Unix epoch: {@code ready <moment>}, {@code lost <moment> <reason>} and {@code answered <moment>
 * <number>}. It ends with its input. The clients in Python write the same.
 */
public final class ClientMain implements ReturningClient.Diary {
    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private volatile boolean isReady;
    private long number;

    private ClientMain() {}

    /** Starts the client whose class is named. */
    public static void main(String[] args) throws Exception {
        ReturningClient client = Class.forName(args[0])
                .asSubclass(ReturningClient.class)
                .getDeclaredConstructor()
                .newInstance();
        new ClientMain().run(client, args[1]);
        Runtime.getRuntime().halt(0);
    }

    private void run(ReturningClient client, String url) throws Exception {
        client.start(url, this);
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        clock.scheduleAtFixedRate(
                () -> beat(client), ReturningClient.BEAT_MILLIS, ReturningClient.BEAT_MILLIS, TimeUnit.MILLISECONDS);
        awaitEnd();
    }

    private void beat(ReturningClient client) {
        if (isReady) {
            number++;
            client.beat(number);
        }
    }

    private static void awaitEnd() throws IOException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String order = orders.readLine();
        while (order != null) {
            order = orders.readLine();
        }
    }

    @Override
    public void ready() {
        isReady = true;
        tell("ready", "");
    }

    @Override
    public void lost(String reason) {
        isReady = false;
        tell("lost", " " + reason.replace('\n', ' '));
    }

    @Override
    public void answered(String beat) {
        tell("answered", " " + beat);
    }

    private synchronized void tell(String event, String more) {
        out.println(event + " " + System.currentTimeMillis() + more);
    }
}
