package io.everwire.verification.laboratory;

import io.everwire.verification.laboratory.Laboratory.Machine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One of those that go through the same outages: a client that beats, and what it took to be answered again after each. */
final class Contestant {
    /** No answer can be on its way any more when this time has passed since the cut. */
    private static final long IN_FLIGHT_MILLIS = 200;

    private static final long BEAT_MILLIS = 500;

    private final String name;
    private final Program client;
    private final List<Long> addedMillis = new ArrayList<>();

    Contestant(String name, Program client) {
        this.name = name;
        this.client = client;
    }

    /** Starts a server and a client of ours. */
    static Contestant ours(Laboratory laboratory, String name, int port, Pace serverPace, Pace clientPace) {
        Program server = laboratory.start(
                Machine.SRV,
                "server-" + port,
                Agent.command("serve", serverPace.withBeat(0), "port=" + port, "when=ALWAYS"));
        server.await("listening", Duration.ofSeconds(30), event -> event.is("listening"));
        Program client = laboratory.start(
                Machine.CLI,
                "client-" + port,
                Agent.command(
                        "connect",
                        clientPace.withBeat(BEAT_MILLIS),
                        "url=ws://" + Laboratory.SERVER_ADDRESS + ":" + port + "/"));
        return new Contestant(name, client);
    }

    /** Starts the article's server and client. */
    static Contestant autobahn(Laboratory laboratory, int port) {
        startPython(laboratory, port, "autobahn_server.py", String.valueOf(port));
        return new Contestant(
                "AutobahnPython, as in the article",
                laboratory.start(
                        Machine.CLI,
                        "client-" + port,
                        Python.command(
                                "autobahn_client.py",
                                Laboratory.SERVER_ADDRESS,
                                String.valueOf(port),
                                String.valueOf(BEAT_MILLIS / 1_000.0))));
    }

    /** Starts a server and a client on Python's websockets, both of which ping as given, in seconds. */
    static Contestant websockets(Laboratory laboratory, int port, int interval, int timeout) {
        String[] pings = {String.valueOf(interval), String.valueOf(timeout)};
        startPython(laboratory, port, "websockets_server.py", String.valueOf(port), pings[0], pings[1]);
        return new Contestant(
                "Python websockets, pings %d s / %d s".formatted(interval, timeout),
                laboratory.start(
                        Machine.CLI,
                        "client-" + port,
                        Python.command(
                                "websockets_client.py",
                                Laboratory.SERVER_ADDRESS,
                                String.valueOf(port),
                                String.valueOf(BEAT_MILLIS / 1_000.0),
                                pings[0],
                                pings[1])));
    }

    private static void startPython(Laboratory laboratory, int port, String program, String... arguments) {
        laboratory
                .start(Machine.SRV, "server-" + port, Python.command(program, arguments))
                .await("listening", Duration.ofSeconds(30), event -> event.is("listening"));
    }

    String name() {
        return name;
    }

    Program client() {
        return client;
    }

    /** Waits until the client has been answered for the first time. */
    void awaitFirstAnswer() {
        client.await(0, Duration.ofSeconds(30), "answered");
    }

    /**
     * Notes how long after the heal the client was answered again.
     *
     * @param untilMillis when the wait is given up, since the Unix epoch; the whole wait counts then
     */
    void measure(long cutMillis, long healMillis, long untilMillis) {
        long left = Math.max(1, untilMillis - System.currentTimeMillis());
        long answered = client.find(
                        Duration.ofMillis(left),
                        event -> event.is("answered") && event.epochMillis() > cutMillis + IN_FLIGHT_MILLIS)
                .map(Event::epochMillis)
                .orElse(untilMillis);
        addedMillis.add(Math.max(0, answered - healMillis));
    }

    List<Long> addedMillis() {
        return addedMillis;
    }

    long worstMillis() {
        return addedMillis.stream().mapToLong(Long::longValue).max().orElseThrow();
    }

    long medianMillis() {
        List<Long> sorted = addedMillis.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
