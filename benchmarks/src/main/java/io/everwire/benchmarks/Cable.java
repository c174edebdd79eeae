package io.everwire.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Three machines in a row, each a namespace: the clients', a router and the server's. The router can be made to drop everything
 * without a word, as a cable does that is pulled between two switches.
 */
final class Cable implements AutoCloseable {
    /** The server's address. */
    static final String SERVER = "10.77.2.2";

    private static final String CLIENTS = "10.77.1.2";
    private static final int MACHINES = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Namespace clients;
    private final Namespace router;
    private final Namespace server;
    /** On the router, and ahead of everybody: on a busy machine it is not the measurement that waits for a core. */
    private final Child hand;

    private Cable(Namespace clients, Namespace router, Namespace server, Child hand) {
        this.clients = clients;
        this.router = router;
        this.server = server;
        this.hand = hand;
    }

    /**
     * Lays one.
     *
     * @param log where errors of its commands are kept
     * @throws IOException with a sentence that says what is missing
     */
    static Cable lay(Path log) throws IOException {
        List<Namespace> made = new ArrayList<>();
        try {
            for (int i = 0; i < MACHINES; i++) {
                made.add(Namespace.make());
            }
            Namespace clients = made.get(0);
            Namespace router = made.get(1);
            Namespace server = made.get(2);
            join(router, clients, "to-clients", "10.77.1.1", CLIENTS);
            join(router, server, "to-server", "10.77.2.1", SERVER);
            router.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
            return new Cable(clients, router, server, Child.start(router.on("nice", "-n", "-10", "sh"), log));
        } catch (IOException e) {
            made.forEach(Namespace::close);
            throw e;
        }
    }

    private static void join(Namespace router, Namespace end, String link, String routerAddress, String address)
            throws IOException {
        Namespace.runHere(List.of(
                "ip",
                "link",
                "add",
                "wire",
                "netns",
                end.name(),
                "type",
                "veth",
                "peer",
                "name",
                link,
                "netns",
                router.name()));
        end.run("ip", "address", "add", address + "/24", "dev", "wire");
        router.run("ip", "address", "add", routerAddress + "/24", "dev", link);
        end.run("ip", "link", "set", "dev", "wire", "up");
        router.run("ip", "link", "set", "dev", link, "up");
        end.run("ip", "route", "add", "default", "via", routerAddress);
    }

    /** Returns where clients are. */
    Namespace clients() {
        return clients;
    }

    /** Returns where the server is. */
    Namespace server() {
        return server;
    }

    /** Drops everything, both ways. Returns the moment when it held, in milliseconds since the Unix epoch. */
    long cut() throws IOException, InterruptedException {
        return rule("-A")[1];
    }

    /** Lets everything pass. Returns the moment before, so that nobody is back before it. */
    long heal() throws IOException, InterruptedException {
        return rule("-D")[0];
    }

    /** One rule for both directions, which are cut and healed in one instant. Returns the moments before and after. */
    private long[] rule(String verb) throws IOException, InterruptedException {
        hand.tell("date +%s%3N; iptables -w " + verb + " FORWARD -j DROP && date +%s%3N || echo failed");
        try {
            return new long[] {Long.parseLong(hand.line(PATIENCE)), Long.parseLong(hand.line(PATIENCE))};
        } catch (NumberFormatException e) {
            throw new IOException(
                    "the router did not obey iptables " + verb + " FORWARD -j DROP; its log tells why", e);
        }
    }

    @Override
    public void close() {
        hand.close();
        clients.close();
        router.close();
        server.close();
    }
}
