package io.everwire.verification.simulation;

import io.everwire.verification.mutation.Mutant;
import io.everwire.verification.mutation.Mutation;
import io.everwire.verification.mutation.Mutations;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code everwire simulate} command. Exit codes: 0 no violation, 1 a violation, 2 wrong usage. */
@Command(
        name = "everwire simulate",
        description = {
            "Runs the two engines of everwire.v1 against each other in worlds that go wrong in every way we know,"
                    + " and checks that nothing is lost, doubled, reordered or told wrongly.",
            "A seed is a schedule: its network, crashes, applications and store. It is the same each time."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  everwire simulate --seeds 100000",
            "  everwire simulate --seed 4711 --seeds 1      one schedule",
            "",
            "Exit codes: 0 no violation, 1 a violation, 2 wrong usage."
        })
public final class SimulateCommand implements Callable<Integer> {
    private static final int FAILED = 1;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "10000",
            description = "How many schedules; default ${DEFAULT-VALUE}.")
    private long seeds = 1;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "The first seed; default ${DEFAULT-VALUE}. The next ones follow it.")
    private long first = 1;

    @Option(
            names = "--mutation",
            paramLabel = "M",
            description = "Break the engines in this way first; the simulator has to notice.")
    private @Nullable String mutation;

    private SimulateCommand() {}

    /** Runs the command, and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(run(null, args));
    }

    /** Runs the command and returns its exit code. What it says goes to this writer; null for the process's own. */
    static int run(@Nullable PrintWriter out, String... args) {
        CommandLine line = new CommandLine(new SimulateCommand());
        if (out != null) {
            line.setOut(out).setErr(out);
        }
        return line.setParameterExceptionHandler((wrong, ignored) -> {
                    line.getErr().println("everwire: " + wrong.getMessage() + " (see everwire simulate --help)");
                    return CommandLine.ExitCode.USAGE;
                })
                .execute(args);
    }

    @Override
    public Integer call() {
        if (seeds < 1) {
            throw wrong("--seeds is " + seeds + "; run at least 1");
        }
        String name = mutation;
        if (name == null) {
            return simulate(Simulator::run);
        }
        for (Mutation known : Mutations.ALL) {
            if (known.name().equals(name)) {
                return simulate(mutant(known));
            }
        }
        throw wrong("there is no mutation " + name + "; there are "
                + Mutations.ALL.stream().map(Mutation::name).collect(Collectors.joining(", ")));
    }

    /** A mutant is loaded beside these classes and keeps its figures for itself. */
    private static Subject mutant(Mutation mutation) {
        Mutant mutant = Mutant.of(mutation, home());
        return (seed, statistics) -> {
            statistics.count();
            return mutant.run(seed);
        };
    }

    /** Returns the repository's root, which the launcher tells. */
    private static Path home() {
        String told = System.getenv("EVERWIRE_HOME");
        return Path.of(told == null ? "" : told).toAbsolutePath();
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }

    /** What is asked for one seed after the other. */
    @FunctionalInterface
    interface Subject {
        @Nullable String run(long seed, Statistics statistics);
    }

    private int simulate(Subject subject) {
        PrintWriter out = spec.commandLine().getOut();
        Statistics statistics = new Statistics();
        long began = System.nanoTime();
        long said = began;
        String violation = null;
        for (long seed = first; violation == null && seed < first + seeds; seed++) {
            violation = subject.run(seed, statistics);
            long now = System.nanoTime();
            if (now - said > 10_000_000_000L) {
                said = now;
                out.printf(Locale.ROOT, "… %d schedules, no violation%n", statistics.schedules());
                out.flush();
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        out.printf(
                Locale.ROOT,
                "%d schedules in %.1f s, %.0f a second%n",
                statistics.schedules(),
                seconds,
                statistics.schedules() / seconds);
        if (mutation == null) {
            statistics.lines().forEach(out::println);
        }
        if (violation == null) {
            out.println("violations: 0");
        } else {
            out.println("violations: 1 (commit " + commit() + ")");
            out.println(violation);
        }
        out.flush();
        return violation == null ? 0 : FAILED;
    }

    /** Returns the commit that the sources are at, if this is a checkout. */
    private static String commit() {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty")
                    .directory(home().toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor() == 0 ? said : "unknown: this is no checkout";
        } catch (IOException e) {
            return "unknown: there is no git";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }
}
