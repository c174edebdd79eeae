package io.everwire.cli;

import io.everwire.CompressionPolicy;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.PingWhen;
import io.everwire.ResumePolicy;
import io.everwire.SessionListener;
import io.everwire.server.EverwireServer;
import io.everwire.server.Group;
import io.everwire.session.resume.SessionStore;
import io.everwire.transport.OriginPolicy;
import io.everwire.transport.RealClock;
import io.everwire.transport.ServerTls;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A server that echoes, broadcasts or tells the time. */
@Command(
        name = "serve",
        description = "Runs a server until it is stopped.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  everwire serve                                 echo on port 9000",
            "  everwire serve --mode broadcast --path /chat   everyone hears everyone",
            "  everwire serve --port 0 --events json          the first line tells the port",
            "  everwire serve --sessions --store file:/var/lib/everwire   outlived by its sessions",
            "  everwire serve --tls-cert cert.pem --tls-key key.pem",
            "  everwire serve --ping-when silent --ping-interval 15s --ping-timeout 10s"
        })
final class ServeCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description = "The address to listen on (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            defaultValue = "9000",
            converter = PortConverter.class,
            description = "The port to listen on, 0 for a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--path", defaultValue = "/", description = "The path that is served (default: ${DEFAULT-VALUE}).")
    private String path = "/";

    @Option(
            names = "--mode",
            paramLabel = "echo|broadcast|clock",
            defaultValue = "echo",
            description = "echo: back to the sender; broadcast: to everyone; clock: the time, every second"
                    + " (default: ${DEFAULT-VALUE}).")
    private Mode mode = Mode.ECHO;

    @Option(
            names = "--ping-interval",
            paramLabel = "DURATION",
            defaultValue = "5s",
            converter = DurationConverter.class,
            description = "Ping this often (default: ${DEFAULT-VALUE}).")
    private Duration pingInterval = Duration.ofSeconds(5);

    @Option(
            names = "--ping-timeout",
            paramLabel = "DURATION",
            defaultValue = "2s",
            converter = DurationConverter.class,
            description = "A client that is silent for this long after a ping is dead (default: ${DEFAULT-VALUE}).")
    private Duration pingTimeout = Duration.ofSeconds(2);

    @Option(
            names = "--ping-when",
            paramLabel = "always|silent",
            defaultValue = "always",
            description = "always: traffic or not; silent: only clients that send nothing (default: ${DEFAULT-VALUE}).")
    private When pingWhen = When.ALWAYS;

    @Option(
            names = "--compression",
            description = "Compress messages for clients that offer it (permessage-deflate). Costs CPU; not for secrets"
                    + " beside what others may write (default: off).")
    private boolean isCompressed;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "Speak TLS with this certificate and its chain, in PEM. Reloaded when it changes.")
    private @Nullable Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's private key, in PKCS#8 PEM.")
    private @Nullable Path key;

    @Option(
            names = "--origin",
            paramLabel = "ORIGIN|any",
            description = "Let pages of this origin connect, repeatable, or of any (default: pages of the same host).")
    private List<String> origins = new ArrayList<>();

    @Option(names = "--max-connections", paramLabel = "N", description = "Refuse more with 503 (default: no limit).")
    private @Nullable Integer maxConnections;

    @Option(
            names = "--max-connections-per-address",
            paramLabel = "N",
            description = "Refuse more of one address with 503 (default: no limit).")
    private @Nullable Integer maxConnectionsPerAddress;

    @Option(
            names = "--drain-window",
            paramLabel = "DURATION",
            defaultValue = "5s",
            converter = DurationConverter.class,
            description =
                    "When asked to stop, send clients away with 1012 over this time; a second signal stops at once"
                            + " (default: ${DEFAULT-VALUE}).")
    private Duration drainWindow = Duration.ofSeconds(5);

    @Mixin
    private ServeSessions sessions = new ServeSessions();

    @Mixin
    private EventsOption events = new EventsOption();

    enum Mode {
        ECHO,
        BROADCAST,
        CLOCK;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    enum When {
        ALWAYS,
        SILENT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    ServeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "everwire-clock");
            thread.setDaemon(true);
            return thread;
        });
        try (LineWriter lines = ServeLines.writer(terminal, events.isJson())) {
            ServeLines log = events.isJson()
                    ? ServeLines.json(lines)
                    : ServeLines.text(lines, terminal.paint(), action -> clock.schedule(action, 1, TimeUnit.SECONDS));
            LivenessPolicy liveness = liveness();
            ResumePolicy resume = Usage.check(spec, sessions::policy);
            EverwireServer.Builder builder = builder(liveness, log, clock);
            terminal.stop().hearSignals();
            Rehearsal.play(liveness);
            try (SessionStore store = sessions.open()) {
                EverwireServer server =
                        ServeSessions.apply(builder, resume, store).start();
                InetSocketAddress address = server.address();
                log.listening(
                        address,
                        (certificate == null ? "ws://" : "wss://") + new HostPort(host, address.getPort()) + path,
                        mode + ", ping every " + Words.shortly(pingInterval) + ", dead " + Words.shortly(pingTimeout)
                                + " after an unanswered one" + sessions.inWords(resume));
                terminal.stop().await();
                stop(server, log);
            }
        } finally {
            clock.shutdownNow();
        }
        return ExitCode.FINE;
    }

    private LivenessPolicy liveness() {
        return Usage.check(
                spec,
                () -> LivenessPolicy.DEFAULT
                        .withPingJitter(0)
                        .withPing(pingInterval, pingTimeout)
                        .withPingWhen(pingWhen == When.ALWAYS ? PingWhen.ALWAYS : PingWhen.SILENT));
    }

    private EverwireServer.Builder builder(LivenessPolicy liveness, ServeLines log, ScheduledExecutorService clock) {
        ServerTls tls = tls();
        return Usage.check(spec, () -> {
            EverwireServer.Builder making = EverwireServer.builder()
                    .host(host)
                    .port(port)
                    .limits(Limits.DEFAULT)
                    .liveness(liveness)
                    .origins(originPolicy())
                    .listen(path, listener(log, clock));
            if (tls != null) {
                making.tls(tls);
            }
            if (isCompressed) {
                making.compression(CompressionPolicy.DEFAULT);
            }
            if (maxConnections != null) {
                making.maxConnections(maxConnections);
            }
            return maxConnectionsPerAddress == null
                    ? making
                    : making.maxConnectionsPerAddress(maxConnectionsPerAddress);
        });
    }

    private @Nullable ServerTls tls() {
        if ((certificate == null) != (key == null)) {
            throw Usage.wrong(spec, "--tls-cert and --tls-key belong together; give both, or none for plain ws://");
        }
        return certificate == null || key == null ? null : ServerTls.of(certificate, key);
    }

    private OriginPolicy originPolicy() {
        if (origins.isEmpty()) {
            return OriginPolicy.sameHost();
        }
        return origins.contains("any") ? OriginPolicy.any() : OriginPolicy.allow(origins.toArray(String[]::new));
    }

    private SessionListener listener(ServeLines log, ScheduledExecutorService clock) {
        if (mode == Mode.ECHO) {
            return new EchoListener(log::event);
        }
        Group group = new Group();
        if (mode == Mode.CLOCK) {
            long untilSecond = 1_000 - RealClock.epochMillis() % 1_000;
            clock.scheduleAtFixedRate(() -> group.broadcast(now()), untilSecond, 1_000, TimeUnit.MILLISECONDS);
        }
        return new GroupListener(group, mode == Mode.BROADCAST, log::event);
    }

    private static String now() {
        return Instant.ofEpochMilli(RealClock.epochMillis())
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
    }

    private void stop(EverwireServer server, ServeLines log) throws InterruptedException {
        int open = server.sessions().size();
        if (open > 0 && !drainWindow.isZero()) {
            log.draining(open, drainWindow);
            server.drain(drainWindow);
            terminal.stop().whenAskedAgain(() -> {
                log.stopping(server.sessions().size());
                server.close();
            });
        } else {
            log.stopping(open);
            server.close();
        }
        try {
            server.stopped().toCompletableFuture().get(drainWindow.toMillis() + 4_000, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // The closing handshakes had their time; the process ends, and the kernel closes what is left.
        } catch (ExecutionException e) {
            throw new AssertionError("the end of a server never fails", e);
        }
        log.stopped();
    }
}
