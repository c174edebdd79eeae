package io.everwire.verification.laboratory;

import io.everwire.verification.Requirement;
import io.everwire.verification.laboratory.Laboratory.Machine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The cable between client and server, and what can be done to it. Every method that does something returns the moment when the
 * kernel had taken the order, in milliseconds since the Unix epoch.
 */
final class Cable {
    private static final String SERVER = Laboratory.SERVER_ADDRESS;

    private final Laboratory laboratory;
    private final Deque<Runnable> repairs = new ArrayDeque<>();
    private long healedMillis;

    Cable(Laboratory laboratory) {
        this.laboratory = laboratory;
    }

    /** The article's way to pull the plug: both directions dropped, silently. */
    long cut() {
        return rules(drop("-s", SERVER), drop("-d", SERVER));
    }

    /** As {@link #cut}, and what waits in the queue of a narrow link is lost, too: a queue is behind the router's filter. */
    long cutNarrow() {
        cut();
        for (Machine end : List.of(Machine.CLI, Machine.SRV)) {
            laboratory.run(Machine.RTR, "tc", "qdisc", "replace", "dev", Laboratory.linkTo(end), "root", "pfifo");
        }
        return now();
    }

    long cutTowardsServer() {
        return rules(drop("-d", SERVER));
    }

    long cutTowardsClient() {
        return rules(drop("-s", SERVER));
    }

    /**
     * What the client sends is answered with a reset; the server hears nothing more, and nothing of that. Returns the moment before, for
     * an error is quick.
     */
    long resetTheClient() {
        long before = now();
        rules(List.of("-d", SERVER, "-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset"));
        return before;
    }

    /**
     * What the server sends is answered with a reset before the client's machine takes it in: only the server is told. Returns the
     * moment before, for an error is quick.
     */
    long resetTheServerOnly() {
        long before = now();
        rule(Machine.CLI, "INPUT", List.of("-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset"));
        return before;
    }

    /** The router says that there is no way to the server. */
    long sayUnreachable() {
        return rules(List.of("-d", SERVER, "-j", "REJECT", "--reject-with", "icmp-host-unreachable"));
    }

    /** New connections are dropped, established ones live. */
    long dropNewConnections() {
        return rules(List.of("-p", "tcp", "--syn", "-j", "DROP"));
    }

    /** New connections are refused, as a closed port refuses them. */
    long refuseNewConnections() {
        return rules(List.of("-p", "tcp", "--syn", "-j", "REJECT", "--reject-with", "tcp-reset"));
    }

    /** Loses packets at random, in both directions. */
    long lose(double share) {
        return rules(
                List.of("-m", "statistic", "--mode", "random", "--probability", String.valueOf(share), "-j", "DROP"));
    }

    /** Loses every n-th packet. */
    long loseEvery(int nth) {
        return rules(List.of(
                "-m", "statistic", "--mode", "nth", "--every", String.valueOf(nth), "--packet", "0", "-j", "DROP"));
    }

    /** Loses every packet of this many bytes or more, as a path with a small MTU and no ICMP does. */
    long loseBig(int bytes) {
        return rules(List.of("-m", "length", "--length", bytes + ":", "-j", "DROP"));
    }

    /** Narrows both directions; what waits longer than two seconds is dropped. */
    long narrow(int kilobits) {
        for (Machine end : List.of(Machine.CLI, Machine.SRV)) {
            String link = Laboratory.linkTo(end);
            laboratory.run(
                    Machine.RTR,
                    "tc qdisc replace dev %s root tbf rate %dkbit burst 4kb latency 2000ms"
                            .formatted(link, kilobits)
                            .split(" ", -1));
            repairs.push(() -> laboratory.run(Machine.RTR, "tc", "qdisc", "del", "dev", link, "root"));
        }
        return now();
    }

    /** Takes the router's link to an end down. */
    long takeDown(Machine end) {
        String link = Laboratory.linkTo(end);
        laboratory.run(Machine.RTR, "ip", "link", "set", link, "down");
        repairs.push(() -> laboratory.run(Machine.RTR, "ip", "link", "set", link, "up"));
        return now();
    }

    /** Kills the connections of an end in its kernel, under the process. Returns the moment before, for an error is quick. */
    long killSockets(Machine end) {
        long before = now();
        laboratory.run(end, "ss", "-K", "-t", "state", "established");
        return before;
    }

    /** Leaves the client's machine two ports to dial from, both taken by who dials next. */
    void narrowPorts() {
        String was = laboratory.run(Machine.CLI, "sysctl", "-n", "net.ipv4.ip_local_port_range");
        laboratory.run(Machine.CLI, "sysctl", "-q", "-w", "net.ipv4.ip_local_port_range=40000 40001");
        repairs.push(() -> laboratory.run(Machine.CLI, "sysctl", "-q", "-w", "net.ipv4.ip_local_port_range=" + was));
    }

    /** Kills the connections of the client's machine, but for those that were dialed after {@link #narrowPorts}. */
    long killSocketsOfOtherPorts() {
        long before = now();
        laboratory.run(Machine.CLI, "ss", "-K", "-t", "state", "established", "sport ne :40000 and sport ne :40001");
        return before;
    }

    /** Undoes everything. Returns the moment before: what follows from it may be quicker than the tools that do it. */
    long heal() {
        long before = now();
        while (!repairs.isEmpty()) {
            repairs.pop().run();
        }
        healedMillis = now();
        return before;
    }

    /**
     * Undoes everything, but of each connection that is dialed from now on three packets pass towards the server: the SYN, the ACK
     * that opens it, and the request. What the server sends passes.
     */
    long healAndHoldTheClient() {
        List<String> held = held();
        iptables(Machine.RTR, "-A", "FORWARD", held);
        long before = heal();
        repairs.push(() -> iptables(Machine.RTR, "-D", "FORWARD", held));
        return before;
    }

    /** Skips the test where the kernel cannot count the packets of a connection. */
    void checkThatItCanHold() {
        List<String> command = new ArrayList<>(List.of("iptables", "-w", "-A", "OUTPUT"));
        command.addAll(held());
        Requirement.orSkip(
                Tool.attempt(laboratory.on(Machine.RTR, command.toArray(String[]::new)))
                        .isFine(),
                "netfilter's match connbytes",
                "a kernel that has xt_connbytes");
    }

    private static List<String> held() {
        return List.of("-d SERVER -m connbytes --connbytes 4: --connbytes-dir original --connbytes-mode packets -j DROP"
                .replace("SERVER", SERVER)
                .split(" ", -1));
    }

    /** Returns the moment when the last heal was done. */
    long healedMillis() {
        return healedMillis;
    }

    private static List<String> drop(String side, String address) {
        return List.of(side, address, "-j", "DROP");
    }

    @SafeVarargs
    private long rules(List<String>... rules) {
        for (List<String> rule : rules) {
            rule(Machine.RTR, "FORWARD", rule);
        }
        return now();
    }

    private long rule(Machine machine, String chain, List<String> rule) {
        iptables(machine, "-A", chain, rule);
        repairs.push(() -> iptables(machine, "-D", chain, rule));
        return now();
    }

    private void iptables(Machine machine, String verb, String chain, List<String> rule) {
        List<String> command = new ArrayList<>(List.of("iptables", "-w", verb, chain));
        command.addAll(rule);
        laboratory.run(machine, command.toArray(String[]::new));
    }

    private static long now() {
        return System.currentTimeMillis();
    }
}
