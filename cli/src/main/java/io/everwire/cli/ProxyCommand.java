package io.everwire.cli;

import io.everwire.faults.Fault;
import io.everwire.faults.FaultPlan;
import io.everwire.faults.Heal;
import io.everwire.faults.proxy.FaultControl;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.faults.proxy.ProxyListener;
import io.everwire.faults.proxy.ProxyState;
import io.everwire.transport.RealClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A TCP proxy that makes the network fail on request. */
@Command(
        name = "proxy",
        description = {
            "Stands between clients and a server and makes the network fail on request.",
            "Faults: blackhole, blackhole-up, blackhole-down, reset, refuse, accept-then-close, mute-upgrade,"
                    + " delay 200ms jitter 50ms, rate 64kbit, slice 1, cut-after 1000, heal.",
            "They come from stdin, a fault or a line of a plan (+2s blackhole) on each line; from the control port"
                    + " (GET / the state, POST /fault, POST /heal); or from a plan."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  everwire proxy --listen 9100 --to 127.0.0.1:9000   type: blackhole",
            "  everwire proxy --listen 9100 --to 127.0.0.1:9000 --control 9101",
            "  curl -d blackhole http://127.0.0.1:9101/fault",
            "  curl -X POST http://127.0.0.1:9101/heal",
            "  everwire proxy --listen 9100 --to 127.0.0.1:9000 --seed 42 --plan outage.txt"
        })
final class ProxyCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(
            names = "--listen",
            required = true,
            paramLabel = "[HOST:]PORT",
            converter = HostPort.Converter.class,
            description = "Where clients connect to; port 0 takes a free one.")
    private HostPort listen = new HostPort("127.0.0.1", 0);

    @Option(
            names = "--to",
            required = true,
            paramLabel = "[HOST:]PORT",
            converter = HostPort.Converter.class,
            description = "The server behind the proxy.")
    private HostPort to = new HostPort("127.0.0.1", 0);

    @Option(
            names = "--control",
            paramLabel = "PORT",
            converter = PortConverter.class,
            description = "Take faults by HTTP on this port of 127.0.0.1; 0 takes a free one.")
    private @Nullable Integer control;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "The seed of all jitter (default: 0).")
    private long seed;

    @Option(names = "--plan", paramLabel = "FILE", description = "Run this plan: lines such as '+2s blackhole'.")
    private @Nullable Path plan;

    @Mixin
    private EventsOption events = new EventsOption();

    ProxyCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        FaultPlan steps = plan == null ? null : read(plan);
        try (LineWriter lines = ServeLines.writer(terminal, events.isJson());
                FaultProxy proxy = start(new Log(lines))) {
            FaultControl port = control == null ? null : FaultControl.listen(proxy, control);
            listening(lines, proxy.port(), port == null ? null : port.port());
            if (steps != null) {
                proxy.run(steps).whenComplete((done, failure) -> {
                    if (failure != null) {
                        terminal.complain("a step of the plan failed: " + sentenceOf(failure));
                    }
                });
            }
            Thread typed = new Thread(() -> take(proxy), "everwire-stdin");
            typed.setDaemon(true);
            typed.start();
            terminal.stop().await();
        }
        return ExitCode.FINE;
    }

    private FaultProxy start(ProxyListener log) {
        try {
            return FaultProxy.listen(listen.address())
                    .to(to.address())
                    .seed(seed)
                    .listener(log)
                    .start();
        } catch (IllegalArgumentException unusable) {
            throw new CommandFailedException(String.valueOf(unusable.getMessage()));
        }
    }

    private static FaultPlan read(Path file) {
        try {
            return FaultPlan.parse(Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new CommandFailedException("the plan " + file + " does not exist");
        } catch (IOException e) {
            throw new CommandFailedException("the plan " + file + " cannot be read: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException("the plan " + file + " has a mistake: " + e.getMessage());
        }
    }

    private void listening(LineWriter lines, int port, @Nullable Integer controlPort) {
        if (events.isJson()) {
            JsonLine line = JsonLine.of("listening").with("port", port).with("to", to.toString());
            if (controlPort != null) {
                line.with("control", controlPort);
            }
            lines.line(line.with("seed", seed).at(RealClock.epochMillis()));
            return;
        }
        Paint paint = terminal.paint();
        lines.line(paint.bold("listening on " + new HostPort(listen.host(), port) + " for " + to)
                + (controlPort == null ? "" : paint.faint("  (control port " + controlPort + ")")));
        if (terminal.isWatched()) {
            lines.line(paint.faint("type a fault, for example blackhole or delay 200ms; heal ends all faults"));
        }
    }

    /** Takes faults from stdin until it ends; the proxy goes on without. */
    private void take(FaultProxy proxy) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(terminal.in(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.isBlank()) {
                    take(proxy, line.strip());
                }
            }
        } catch (IOException | IllegalStateException e) {
            // Nobody types any more, or the proxy is closed.
        }
    }

    private void take(FaultProxy proxy, String line) {
        try {
            if (line.startsWith("+")) {
                proxy.run(FaultPlan.parse(line)).whenComplete((done, failure) -> {
                    if (failure != null) {
                        terminal.complain(sentenceOf(failure));
                    }
                });
            } else {
                proxy.apply(Fault.parse(line));
            }
        } catch (IllegalArgumentException | UncheckedIOException wrong) {
            terminal.complain(sentenceOf(wrong));
        }
    }

    private static String sentenceOf(Throwable failure) {
        Throwable cause = failure.getCause() instanceof UncheckedIOException inner ? inner : failure;
        return String.valueOf(cause.getMessage());
    }

    /** Tells what the proxy does, from its event loop. */
    private final class Log implements ProxyListener {
        private final LineWriter lines;

        Log(LineWriter lines) {
            this.lines = lines;
        }

        @Override
        public void onFault(Fault fault, ProxyState state) {
            boolean isHeal = fault instanceof Heal;
            if (events.isJson()) {
                JsonLine line =
                        isHeal ? JsonLine.of("heal") : JsonLine.of("fault").with("fault", fault.toString());
                lines.line(line.with(
                                "active",
                                state.faults().stream().map(Fault::toString).toList())
                        .at(RealClock.epochMillis()));
            } else {
                Paint paint = terminal.paint();
                text(isHeal ? paint.green("= healed") : paint.red("! " + fault));
            }
        }

        @Override
        public void onConnectionOpened(ProxyState state) {
            connections("accepted", "+", state);
        }

        @Override
        public void onConnectionClosed(ProxyState state) {
            connections("released", "x", state);
        }

        private void connections(String event, String symbol, ProxyState state) {
            if (events.isJson()) {
                lines.line(JsonLine.of(event)
                        .with("open", state.connectionsOpen())
                        .with("total", state.connectionsTotal())
                        .at(RealClock.epochMillis()));
            } else {
                text(symbol + " " + event + ", " + Words.count(state.connectionsOpen(), "connection") + " open");
            }
        }

        private void text(String text) {
            lines.line(terminal.paint().faint(Words.timeOf(RealClock.epochMillis())) + " " + text);
        }
    }
}
