package io.everwire.benchmarks;

import io.everwire.benchmarks.contestants.Contestant;
import io.everwire.benchmarks.contestants.Contestants;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The {@code everwire bench} command. Exit codes: 0 all was measured, 1 something failed, 2 wrong usage. */
@Command(
        name = "everwire bench",
        description = {
            "Measures Everwire beside other WebSocket servers and beside servers that only return bytes.",
            "Every server is a process of its own, one at a time, on one core; the load is on another. What is measured is"
                    + " kept after each cell, and the same command goes on where the last one stopped."
        },
        subcommands = JmhCommand.class,
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  everwire bench echo --quick                   whether everything runs, in minutes; figures are rough",
            "  everwire bench                                every suite, for hours, on an idle machine",
            "  everwire bench echo --table rivals --only everwire,vert.x",
            "  everwire bench jmh                            single parts of the library",
            "",
            "Exit codes: 0 all was measured, 1 something failed, 2 wrong usage."
        })
public final class BenchCommand implements Callable<Integer> {
    static final List<Suite> SUITES = List.of(
            new EchoSuite(),
            new HerdSuite(),
            new IdleSuite(),
            new HeartbeatSuite(),
            new BroadcastSuite(),
            new DetectSuite(),
            new InnocentSuite(),
            new RecoverSuite(),
            new StormSuite(),
            new ScaleSuite(),
            new ResumeSuite());

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "SUITE",
            arity = "0..*",
            description =
                    "echo, herd, idle, heartbeat, broadcast, detect, recover, storm, scale, resume; all of them if none is named.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--quick", description = "Measure briefly, and keep nothing in the repository.")
    private boolean isQuick;

    @Option(names = "--rounds", paramLabel = "N", description = "How often each cell is measured; default 3.")
    private @Nullable Integer rounds;

    @Option(names = "--table", paramLabel = "T", description = "Only this table of the suites.")
    private @Nullable String table;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            split = ",",
            description = "Only these contestants, beside the baselines, for example everwire,netty-epoll.")
    private List<String> only = new ArrayList<>();

    @Option(names = "--jvm", paramLabel = "FLAG", description = "A flag for the JVM of every server; may be repeated.")
    private List<String> flags = new ArrayList<>();

    @Option(names = "--fresh", description = "Measure again what is kept from before.")
    private boolean isFresh;

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description =
                    "Where results are kept; default benchmarks/results, or benchmarks/target/quick with --quick.")
    private @Nullable Path directory;

    private BenchCommand() {}

    /** Runs the command, and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(run(null, args));
    }

    /** Runs the command and returns its exit code. What it says goes to this writer; null for the process's own. */
    static int run(@Nullable PrintWriter out, String... args) {
        CommandLine line = new CommandLine(new BenchCommand());
        if (out != null) {
            line.setOut(out).setErr(out);
        }
        return line.setParameterExceptionHandler((wrong, ignored) -> {
                    line.getErr().println("everwire: " + wrong.getMessage() + " (see everwire bench --help)");
                    return CommandLine.ExitCode.USAGE;
                })
                .execute(args);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path home = home();
        Path kept = directory != null
                ? directory
                : home.resolve(isQuick ? "benchmarks/target/quick" : "benchmarks/results");
        Arena arena = new Arena(home.resolve("benchmarks/target/logs"), flags);
        boolean isWhole = true;
        for (Suite suite : chosen()) {
            isWhole &= run(suite, arena, kept);
        }
        return isWhole ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private boolean run(Suite suite, Arena arena, Path kept) throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Pace pace = pace(suite);
        List<Cell> cells = chosen(suite.cells(pace));
        if (cells.isEmpty()) {
            // The table that is wanted is another suite's.
            return true;
        }
        for (Contestant contestant : Conditions.missing(cells)) {
            out.println(contestant.name() + " is not in this build, which needs JDK 21 or newer; it is left out");
        }
        cells = built(cells);
        Map<String, String> conditions = Conditions.of(pace, flags, arena.isPinned(), suite.cells(pace));
        conditions.putAll(suite.conditions());
        Path file = kept.resolve(suite.name() + ".json");
        Results results = isFresh ? Results.fresh(file, conditions) : Results.open(file, conditions);
        boolean isComplete = run(new Runner(suite, pace, results, out), arena, cells);
        String report = new Report(suite, results, cells).text();
        Files.writeString(kept.resolve(suite.name() + ".md"), "# Results\n\n" + report);
        Report.tables(cells).forEach((name, rows) -> draw(suite, results, name, rows, kept));
        out.println();
        out.print(report);
        out.println();
        out.println("kept in " + file);
        out.flush();
        return isComplete && results.measurements().stream().noneMatch(Measurement::hasFailed);
    }

    /** Returns whether it ran to its end; if it did not, says why. */
    private boolean run(Runner runner, Arena arena, List<Cell> cells) throws InterruptedException {
        try {
            runner.run(arena, cells);
            return true;
        } catch (IOException e) {
            spec.commandLine().getErr().println("everwire: " + e.getMessage());
            spec.commandLine().getErr().flush();
            return false;
        }
    }

    private static void draw(Suite suite, Results results, String table, List<Cell> rows, Path kept) {
        try {
            Files.writeString(kept.resolve(suite.name() + "-" + table + ".svg"), Plot.svg(suite, results, table, rows));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Pace pace(Suite suite) {
        Pace pace = suite.pace(isQuick ? Pace.QUICK : Pace.FULL);
        if (rounds == null) {
            return pace;
        }
        if (rounds < 1) {
            throw wrong("--rounds is " + rounds + "; measure at least 1");
        }
        return pace.withRounds(rounds);
    }

    private List<Suite> chosen() {
        for (String name : names) {
            if (SUITES.stream().noneMatch(suite -> isNamed(suite, name))) {
                throw wrong("there is no suite " + name + "; there are "
                        + SUITES.stream().map(Suite::name).collect(Collectors.joining(", ")));
            }
        }
        return SUITES.stream()
                .filter(suite -> names.isEmpty() || names.stream().anyMatch(name -> isNamed(suite, name)))
                .toList();
    }

    /** A name stands also for the suites whose names go on after it: {@code detect} for {@code detect-innocent}. */
    private static boolean isNamed(Suite suite, String name) {
        return suite.name().equals(name) || suite.name().startsWith(name + "-");
    }

    private List<Cell> chosen(List<Cell> cells) {
        List<String> tables = chosen().stream()
                .flatMap(suite -> suite.cells(pace(suite)).stream())
                .map(Cell::table)
                .distinct()
                .toList();
        if (table != null && !tables.contains(table)) {
            throw wrong("there is no table " + table + "; there are " + String.join(", ", tables));
        }
        for (String key : only) {
            if (Contestants.byKey(key).isEmpty()) {
                throw wrong("there is no contestant " + key + "; there are "
                        + Report.contestants(cells).stream()
                                .map(Contestant::key)
                                .collect(Collectors.joining(", ")));
            }
        }
        return cells.stream()
                .filter(cell -> table == null || cell.table().equals(table))
                .map(cell -> with(
                        cell,
                        cell.contestants().stream()
                                .filter(contestant -> only.isEmpty() || only.contains(contestant.key()))
                                .toList()))
                .toList();
    }

    private static List<Cell> built(List<Cell> cells) {
        return cells.stream()
                .map(cell -> with(
                        cell,
                        cell.contestants().stream().filter(Contestant::isBuilt).toList()))
                .toList();
    }

    private static Cell with(Cell cell, List<Contestant> contestants) {
        return new Cell(cell.table(), cell.name(), cell.baselines(), contestants, cell.load());
    }

    /** Returns the repository's root, which the launcher tells. */
    static Path home() {
        String told = System.getenv("EVERWIRE_HOME");
        return Path.of(told == null ? "" : told).toAbsolutePath();
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }
}
