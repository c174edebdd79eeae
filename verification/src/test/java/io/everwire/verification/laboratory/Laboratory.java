package io.everwire.verification.laboratory;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Three machines in a row, {@code cli — rtr — srv}, each a network namespace of its own: the client's, a router's, where the
 * faults are, and the server's. Made by the run, removed at its end; what a run that was killed has left is removed by the next.
 */
final class Laboratory implements AutoCloseable {
    static final String CLIENT_ADDRESS = "10.77.1.2";
    static final String SERVER_ADDRESS = "10.77.2.2";
    static final int PORT = 9000;

    private static final Pattern NAME = Pattern.compile("everwire-(\\d+)-\\d+-(cli|rtr|srv)");
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Set<Laboratory> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> List.copyOf(OPEN).forEach(Laboratory::close)));
    }

    private final String name;
    private final List<Program> processes = new ArrayList<>();

    /** One of the three machines. */
    enum Machine {
        CLI,
        RTR,
        SRV;

        private String ending() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private Laboratory(String name) {
        this.name = name;
    }

    /** Builds a laboratory, or skips the test with a sentence that says what is missing. */
    static Laboratory open() {
        Requirements.check();
        Laboratory laboratory =
                new Laboratory("everwire-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
        OPEN.add(laboratory);
        try {
            laboratory.build();
        } catch (RuntimeException e) {
            laboratory.close();
            throw e;
        }
        return laboratory;
    }

    private void build() {
        for (Machine machine : Machine.values()) {
            Tool.run(List.of("ip", "netns", "add", namespace(machine)));
            run(machine, "ip", "link", "set", "lo", "up");
        }
        wire(Machine.CLI, "10.77.1.1", CLIENT_ADDRESS);
        wire(Machine.SRV, "10.77.2.1", SERVER_ADDRESS);
        run(Machine.RTR, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
    }

    /** Joins an end to the router. One segment is one packet, so that a rule for packets sees what TCP sends. */
    private void wire(Machine end, String routerAddress, String endAddress) {
        String router = namespace(Machine.RTR);
        String link = linkTo(end);
        Tool.run(List.of(
                "ip",
                "link",
                "add",
                "wire",
                "netns",
                namespace(end),
                "type",
                "veth",
                "peer",
                "name",
                link,
                "netns",
                router));
        run(end, "ip", "address", "add", endAddress + "/24", "dev", "wire");
        run(Machine.RTR, "ip", "address", "add", routerAddress + "/24", "dev", link);
        run(end, "ip", "link", "set", "dev", "wire", "gso_max_segs", "1", "up");
        run(Machine.RTR, "ip", "link", "set", "dev", link, "gso_max_segs", "1", "up");
        run(end, "ip", "route", "add", "default", "via", routerAddress);
    }

    /** Returns the name of the router's link to an end. */
    static String linkTo(Machine end) {
        return "to-" + end.ending();
    }

    String namespace(Machine machine) {
        return name + "-" + machine.ending();
    }

    /** Runs a command on a machine; it must succeed. Returns what it printed. */
    String run(Machine machine, String... command) {
        return Tool.run(on(machine, command));
    }

    /** Returns the command that runs a command on a machine. */
    List<String> on(Machine machine, String... command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace(machine)));
        whole.addAll(List.of(command));
        return whole;
    }

    /** Starts a process on a machine; it ends with the laboratory at the latest. */
    Program start(Machine machine, String what, List<String> command) {
        Program process = Program.start(name + "-" + what, on(machine, command.toArray(String[]::new)));
        synchronized (processes) {
            processes.add(process);
        }
        return process;
    }

    Cable cable() {
        return new Cable(this);
    }

    /** Ends every process and removes the namespaces, with all that is in them. */
    @Override
    public void close() {
        OPEN.remove(this);
        List<Program> ending;
        synchronized (processes) {
            ending = List.copyOf(processes);
        }
        ending.forEach(Program::close);
        for (Machine machine : Machine.values()) {
            Tool.attempt(List.of("ip", "netns", "delete", namespace(machine)));
        }
    }

    /** Removes what runs that were killed have left: namespaces whose run is no more, and the processes in them. */
    static void removeLeftovers() {
        Tool.Result listed = Tool.attempt(List.of("ip", "netns", "list"));
        listed.text().lines().flatMap(line -> Stream.of(line.split(" ", 2)[0])).forEach(found -> {
            Matcher matcher = NAME.matcher(found);
            if (matcher.matches()
                    && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()) {
                Tool.attempt(List.of("ip", "netns", "pids", found))
                        .text()
                        .lines()
                        .filter(pid -> pid.matches("\\d+"))
                        .forEach(
                                pid -> ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly));
                Tool.attempt(List.of("ip", "netns", "delete", found));
            }
        });
    }
}
