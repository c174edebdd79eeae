package io.everwire.verification.storm;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A server is killed and started again, and all of its clients, in processes of their own, come back. Runs by itself, too: {@code Storm
 * <clients> <processes> <policy> <seconds of outage> <budget>}, where the policy is {@code default}, {@code none} or handshakes a second, and
 * the budget what each process of clients may ask for a second.
 */
final class Storm implements AutoCloseable {
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final String HOSTS = "ws://127.0.0.";

    private final int count;
    private final String policy;
    private final List<Process> started = new ArrayList<>();
    private final List<Child> clients = new ArrayList<>();
    private Child server;
    private final int port;

    /**
     * What came of it.
     *
     * @param backMillis when each client was back, after the server listened again, in ascending order
     * @param peakPerSecond the most opening handshakes in any half a second, times two
     * @param putOff how often clients were given a slot
     * @param failed attempts that reached the server and failed otherwise
     * @param mostAttempts of one client
     * @param lostAgain connections that were lost after their clients were back
     * @param counts what the server says
     */
    record Outcome(
            List<Long> backMillis,
            long peakPerSecond,
            int putOff,
            int failed,
            int mostAttempts,
            int lostAgain,
            String counts) {
        long millisUntil(double part) {
            return backMillis.get((int) Math.ceil(part * backMillis.size()) - 1);
        }

        double attempts() {
            return 1 + (putOff + failed) / (double) backMillis.size();
        }

        double ratio() {
            return millisUntil(0.99) * peakPerSecond / (1_000.0 * backMillis.size());
        }

        @Override
        public String toString() {
            return String.format(
                    "99 %% back after %d ms, all after %d ms; peak %d/s; ratio %.2f; attempts %.2f, at most %d;"
                            + " put off %d, failed %d, lost again %d; %s",
                    millisUntil(0.99),
                    millisUntil(1),
                    peakPerSecond,
                    ratio(),
                    attempts(),
                    mostAttempts,
                    putOff,
                    failed,
                    lostAgain,
                    counts);
        }
    }

    /** A process that is spoken to by lines. */
    private static final class Child {
        final Process process;
        private final PrintStream in;
        private final BufferedReader out;

        Child(Process process) {
            this.process = process;
            in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
            out = process.inputReader(StandardCharsets.UTF_8);
        }

        void tell(String line) {
            in.println(line);
        }

        /** Returns when it is gone: until then it has its port. */
        void kill() {
            process.destroyForcibly().onExit().join();
        }

        String hear(String begin) throws IOException {
            String line = out.readLine();
            while (line != null && !line.startsWith(begin)) {
                line = out.readLine();
            }
            if (line == null) {
                throw new IOException("the process ended before it said '" + begin + "'");
            }
            return line;
        }
    }

    /** Starts a server, and the clients' processes, which have not connected yet. */
    Storm(int count, int processes, String policy, int upgradesPerSecond) throws IOException {
        this.count = count;
        this.policy = policy;
        server = startServer(0);
        port = Integer.parseInt(server.hear("listening ").substring(10));
        for (int i = 0; i < processes; i++) {
            // An address for each: a process has no more ports than that to one other address.
            String url = HOSTS + (i + 1) + ":" + port + "/";
            int share = count / processes + (i < count % processes ? 1 : 0);
            clients.add(start("clients", url, Integer.toString(share), Integer.toString(upgradesPerSecond)));
        }
    }

    private Child startServer(int at) throws IOException {
        return start("server", Integer.toString(at), policy);
    }

    private Child start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                StormChild.class.getName()));
        command.addAll(Arrays.asList(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(
                        ProcessBuilder.Redirect.to(new File(System.getProperty("java.io.tmpdir"), "storm-errors")))
                .start();
        started.add(process);
        return new Child(process);
    }

    /** Connects all clients, and returns the most opening handshakes in any half a second, times two. */
    long connect() throws IOException {
        clients.forEach(client -> client.tell("connect"));
        awaitAll();
        return peak(report().stream().mapToLong(client -> client[0]).sorted().toArray());
    }

    /** Kills the server, starts it again after so long, and waits until everybody is back. */
    Outcome strike(Duration outage, long peakBefore) throws IOException {
        clients.forEach(client -> client.tell("anew"));
        server.kill();
        LockSupport.parkNanos(outage.toNanos());
        server = startServer(port);
        server.hear("listening ");
        long begin = System.currentTimeMillis();
        awaitAll();
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
        List<long[]> told = report();
        long[] back = told.stream().mapToLong(client -> client[0]).sorted().toArray();
        server.tell("counts");
        return new Outcome(
                Arrays.stream(back).mapToObj(at -> at - begin).toList(),
                Math.max(peakBefore, peak(back)),
                told.stream().mapToInt(client -> (int) client[1]).sum(),
                told.stream().mapToInt(client -> (int) client[2]).sum(),
                told.stream()
                        .mapToInt(client -> (int) (1 + client[1] + client[2]))
                        .max()
                        .orElse(0),
                told.stream()
                        .mapToInt(client -> (int) Math.max(0, client[3] - 1))
                        .sum(),
                server.hear("counts"));
    }

    private void awaitAll() throws IOException {
        long begin = System.nanoTime();
        for (int up = 0; up < count; ) {
            LockSupport.parkNanos(STEP_NANOS);
            if (System.nanoTime() - begin > TimeUnit.MINUTES.toNanos(4)) {
                throw new IOException("after 4 minutes only " + up + " of " + count + " clients are connected");
            }
            up = 0;
            for (Child client : clients) {
                client.tell("count");
                up += Integer.parseInt(client.hear("up ").substring(3));
            }
        }
    }

    private List<long[]> report() throws IOException {
        List<long[]> all = new ArrayList<>();
        for (Child client : clients) {
            client.tell("report");
            String[] told = client.hear("clients ").split(" ", -1);
            for (int i = 1; i < told.length; i++) {
                all.add(Arrays.stream(told[i].split(",", -1))
                        .mapToLong(Long::parseLong)
                        .toArray());
            }
        }
        return all;
    }

    private static long peak(long[] sortedMillis) {
        int most = 0;
        int first = 0;
        for (int i = 0; i < sortedMillis.length; i++) {
            while (sortedMillis[i] - sortedMillis[first] >= 500) {
                first++;
            }
            most = Math.max(most, i - first + 1);
        }
        return 2L * most;
    }

    @Override
    public void close() {
        started.forEach(Process::destroyForcibly);
    }

    public static void main(String[] arguments) throws IOException {
        int clients = Integer.parseInt(arguments[0]);
        Duration outage = Duration.ofMillis((long) (1_000 * Double.parseDouble(arguments[3])));
        try (Storm storm =
                new Storm(clients, Integer.parseInt(arguments[1]), arguments[2], Integer.parseInt(arguments[4]))) {
            long peak = storm.connect();
            System.out.println(clients + " clients connected, peak " + peak + "/s");
            for (int round = 1; round <= 2; round++) {
                System.out.println("round " + round + ": " + storm.strike(outage, peak));
            }
        }
    }
}
