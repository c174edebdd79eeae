package io.everwire.verification.laboratory;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.laboratory.Laboratory.Machine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One scenario: a laboratory with a server and a client that talk, what is done to their cable, and what was found. {@link #end}
 * checks what holds for every scenario and adds the row to the table.
 */
final class Trial implements AutoCloseable {
    /** What is granted for the way from an event to its stamp on a machine with other work. */
    static final long SLACK = Long.getLong("everwire.laboratory.slack", Pace.IS_FULL ? 400 : 1_000);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** Far below one core's time: a waiting process probes now and then, and does not spin. */
    private static final double IDLE_CPU = 0.15;

    private final String name;
    private final Pace pace;
    final Laboratory laboratory;
    final Cable cable;
    final Program server;
    final Program client;
    private final List<String> notes = new ArrayList<>();
    private String serverVerdict = "none";
    private String clientVerdict = "none";
    private String recovery = "–";
    private String cpu = "–";
    private Vitals serverBefore;
    private Vitals clientBefore;

    private Trial(String name, Pace pace, Laboratory laboratory, List<String> settings) {
        String[] extra = settings.toArray(String[]::new);
        this.name = name;
        this.pace = pace;
        this.laboratory = laboratory;
        cable = laboratory.cable();
        server = laboratory.start(Machine.SRV, "server", Agent.command("serve", pace, extra));
        client = laboratory.start(Machine.CLI, "client", Agent.command("connect", pace, extra));
        server.await("listening", PATIENCE, event -> event.is("listening"));
        serverBefore = server.vitals();
        clientBefore = client.vitals();
    }

    /** Starts both ends and lets them meet, part once, and meet again: what is made once, on first use, exists then. */
    static Trial open(String name, Pace pace, String... extra) {
        return open(name, pace, laboratory -> {}, extra);
    }

    /** As {@link #open(String, Pace, String...)}, with something done to the machines first. */
    static Trial open(String name, Pace pace, Consumer<Laboratory> preparation, String... extra) {
        List<String> settings = new ArrayList<>(List.of("stable=300"));
        settings.addAll(List.of(extra));
        Laboratory laboratory = Laboratory.open();
        try {
            preparation.accept(laboratory);
            Trial trial = new Trial(name, pace, laboratory, settings);
            trial.warmUp();
            return trial;
        } catch (RuntimeException | Error e) {
            laboratory.close();
            throw e;
        }
    }

    private void warmUp() {
        client.await(0, PATIENCE, "ready");
        long killed = cable.killSockets(Machine.CLI);
        awaitBack(client.await(killed, PATIENCE, "lost").epochMillis());
        client.find(Duration.ofMillis(pace.beatMillis() + 700), event -> false);
        serverBefore = server.vitals();
        clientBefore = client.vitals();
    }

    // ---- what is expected ----

    /** Waits for both ends' verdicts, each within its bound from the moment of the cut. */
    void expectBothDead(long cutMillis) {
        clientVerdict = expectEnd("client", client, cutMillis);
        serverVerdict = expectEnd("server", server, cutMillis);
    }

    /** Waits until both ends doubt each other: from then on their kernels repeat often. */
    void expectBothSuspect(long cutMillis) {
        client.await(cutMillis, PATIENCE, "suspect");
        server.await(cutMillis, PATIENCE, "suspect");
    }

    void expectClientDead(long cutMillis) {
        clientVerdict = expectEnd("client", client, cutMillis);
    }

    void expectServerDead(long cutMillis) {
        serverVerdict = expectEnd("server", server, cutMillis);
    }

    /** Waits until an end has given its connection up, and checks that it took no longer than the bound. */
    private String expectEnd(String who, Program end, long cutMillis) {
        Event ended = end.await(cutMillis, Duration.ofMillis(2 * pace.boundMillis() + 5_000), "dead", "lost", "closed");
        boolean isGrace = ended.flag("grace");
        long took = ended.epochMillis() - cutMillis;
        long bound = pace.boundMillis() + SLACK + (isGrace ? pace.graceMillis() + SLACK : 0);
        assertThat(took)
                .as("%s: the %s's verdict after the cut, in ms; %s", name, who, ended.line())
                .isLessThanOrEqualTo(bound);
        return "%s after %d ms%s".formatted(ended.text("reason"), took, isGrace ? " (grace)" : "");
    }

    /** Waits until an end's connection was ended by an error from the kernel, at once and without a verdict. */
    void expectClientErrorAtOnce(long cutMillis) {
        clientVerdict = expectError("client", client, cutMillis);
    }

    void expectServerErrorAtOnce(long cutMillis) {
        serverVerdict = expectError("server", server, cutMillis);
    }

    private String expectError(String who, Program end, long cutMillis) {
        Event ended = end.await(cutMillis, PATIENCE, "dead", "lost", "closed");
        assertThat(ended.is("dead"))
                .as("%s: the %s waited for a verdict", name, who)
                .isFalse();
        long took = ended.epochMillis() - cutMillis;
        // An error is met by the next packet.
        assertThat(took)
                .as("%s: the %s's error after the fault, in ms", name, who)
                .isLessThanOrEqualTo(Math.max(pace.beatMillis(), 200) + SLACK);
        return "%s after %d ms".formatted(ended.text("reason"), took);
    }

    /** Lets time pass in which no end may give its connection up. */
    void expectNoVerdict(long sinceMillis, Duration watch) {
        Optional<Event> ended =
                client.find(watch, event -> event.epochMillis() >= sinceMillis && event.is("dead", "lost"));
        assertThat(ended).as("%s: a verdict of the client", name).isEmpty();
        assertThat(server.since(sinceMillis, "dead", "closed"))
                .as("%s: a verdict of the server", name)
                .isEmpty();
    }

    /** Lets time pass without a look at what happens. */
    void letPass(Duration time) {
        client.find(time, event -> false);
    }

    /** Waits until the client has a connection again. */
    Event awaitBack(long sinceMillis) {
        try {
            return client.await(sinceMillis, PATIENCE, "ready");
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\nand " + server.story(), e);
        }
    }

    /**
     * Waits until the client is back, and checks that it came soon: within the longest wait that it had announced or that the age of
     * the outage allows.
     */
    void expectBack(long cutMillis, long healMillis) {
        expectBack(cutMillis, healMillis, 0);
    }

    /** As {@link #expectBack(long, long)}, with so many milliseconds granted for an attempt that was under way. */
    void expectBack(long cutMillis, long healMillis, long grantMillis) {
        long announced = client.since(cutMillis, "waiting").stream()
                .filter(event -> event.epochMillis() <= healMillis)
                .mapToLong(event -> event.epochMillis() + event.number("delayMs") - healMillis)
                .max()
                .orElse(0);
        Event back = awaitBack(healMillis);
        long took = back.epochMillis() - healMillis;
        recovery = took + " ms";
        long gap = Math.max(120, (healMillis - cutMillis) * 24 / 1_000);
        assertThat(took)
                .as("%s: back after the heal, in ms", name)
                .isLessThanOrEqualTo(Math.max(announced, gap) + 300 + grantMillis + SLACK);
    }

    /** Checks that the connection of the moment is the one that there was. */
    void expectSameConnection(long sinceMillis) {
        expectNoVerdict(sinceMillis, Duration.ofMillis(pace.beatMillis() + 200));
        long answered =
                client.await(System.currentTimeMillis(), PATIENCE, "answered").epochMillis();
        assertThat(client.since(sinceMillis, "open"))
                .as("%s: new connections", name)
                .isEmpty();
        recovery = "same connection, answered " + Math.max(0, answered - sinceMillis) + " ms after the fault began";
    }

    /** Measures what both ends use while they wait; both must be nearly idle. */
    void expectIdle(Duration watch) {
        Vitals clientThen = client.vitals();
        Vitals serverThen = server.vitals();
        client.find(watch, event -> false);
        double clientShare = client.vitals().cpuSince(clientThen);
        double serverShare = server.vitals().cpuSince(serverThen);
        cpu = String.format(Locale.ROOT, "%.1f %% / %.1f %%", 100 * clientShare, 100 * serverShare);
        assertThat(clientShare)
                .as("%s: the waiting client's share of a core", name)
                .isLessThan(IDLE_CPU);
        assertThat(serverShare)
                .as("%s: the waiting server's share of a core", name)
                .isLessThan(IDLE_CPU);
    }

    /** Adds a remark to the row. */
    void note(String text) {
        notes.add(text);
    }

    // ---- the end ----

    /** Checks the ledger of both directions and that nothing has leaked, and writes the row. */
    void end() {
        // Both fall silent before either reports: what one has said last must have reached the other.
        settle(client);
        Event serverReport = settle(server);
        Event clientReport = settle(client);
        Ledger up = new Ledger(name + ", client to server", clientReport, serverReport);
        Ledger down = new Ledger(name + ", server to client", serverReport, clientReport);
        up.check();
        down.check();
        Vitals serverAfter = unleaked("server", server, serverBefore);
        Vitals clientAfter = unleaked("client", client, clientBefore);
        String leaks = "%d→%d fds, %d→%d threads / %d→%d, %d→%d"
                .formatted(
                        clientBefore.descriptors(),
                        clientAfter.descriptors(),
                        clientBefore.threads(),
                        clientAfter.threads(),
                        serverBefore.descriptors(),
                        serverAfter.descriptors(),
                        serverBefore.threads(),
                        serverAfter.threads());
        Results.laboratory()
                .add(
                        name,
                        clientVerdict,
                        serverVerdict,
                        pace.boundMillis() + " ms",
                        recovery,
                        leaks,
                        cpu,
                        up.summary() + " / " + down.summary(),
                        String.join("; ", notes));
    }

    /** Stops the traffic of an end and waits until each of its sends has ended. */
    private Event settle(Program end) {
        end.tell("quiet");
        long until = System.currentTimeMillis() + PATIENCE.toMillis();
        while (true) {
            long asked = System.currentTimeMillis();
            end.tell("report");
            Event report = end.await(asked, PATIENCE, "report");
            if (report.number("pending") == 0 || report.epochMillis() > until) {
                return report;
            }
            end.find(Duration.ofMillis(100), event -> false);
        }
    }

    private Vitals unleaked(String who, Program end, Vitals before) {
        long until = System.currentTimeMillis() + 5_000;
        Vitals now = end.vitals();
        while (now.descriptors() > before.descriptors() || now.threads() > before.threads()) {
            assertThat(System.currentTimeMillis())
                    .as("%s: the %s had %s, and still has %s", name, who, before, now)
                    .isLessThan(until);
            end.find(Duration.ofMillis(100), event -> false);
            now = end.vitals();
        }
        return now;
    }

    @Override
    public void close() {
        laboratory.close();
    }
}
