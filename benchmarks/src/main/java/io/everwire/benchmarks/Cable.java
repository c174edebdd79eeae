package io.everwire.benchmarks;

import java.io.IOException;
import java.util.List;

/**
 * Three machines in a row, each a namespace: the clients', a router and the server's. The router can be made to drop everything
 * without a word, as a cable does that is pulled between two switches.
 */
final class Cable implements AutoCloseable {
    /** The server's address. */
    static final String SERVER = "10.77.2.2";

    private static final String CLIENTS = "10.77.1.2";
    private static final String[] DROP = {"FORWARD", "-j", "DROP"};

    private final Namespace clients;
    private final Namespace router;
    private final Namespace server;

    private Cable(Namespace clients, Namespace router, Namespace server) {
        this.clients = clients;
        this.router = router;
        this.server = server;
    }

    /**
     * Lays one.
     *
     * @throws IOException with a sentence that says what is missing
     */
    static Cable lay() throws IOException {
        Cable cable = new Cable(Namespace.make(), Namespace.make(), Namespace.make());
        try {
            cable.join(cable.clients, "to-clients", "10.77.1.1", CLIENTS);
            cable.join(cable.server, "to-server", "10.77.2.1", SERVER);
            cable.router.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
            return cable;
        } catch (IOException e) {
            cable.close();
            throw e;
        }
    }

    private void join(Namespace end, String link, String routerAddress, String address) throws IOException {
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
    long cut() throws IOException {
        rule("-A");
        return System.currentTimeMillis();
    }

    /** Lets everything pass. Returns the moment before, so that nobody is back before it. */
    long heal() throws IOException {
        long before = System.currentTimeMillis();
        rule("-D");
        return before;
    }

    /** One rule for both directions: they are cut and healed in one instant. */
    private void rule(String verb) throws IOException {
        router.run("iptables", "-w", verb, DROP[0], DROP[1], DROP[2]);
    }

    @Override
    public void close() {
        clients.close();
        router.close();
        server.close();
    }
}
