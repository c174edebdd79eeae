package io.everwire.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code everwire} command. Exit codes: 0 fine, 1 failed, 2 wrong usage. */
@Command(
        name = "everwire",
        description = "WebSocket conversations that notice a dead peer, come back by themselves,"
                + " and account for every message.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  everwire demo                           the whole story, in half a minute",
            "  everwire serve --port 9000              a server that echoes",
            "  everwire connect ws://127.0.0.1:9000/   stdin lines are messages",
            "  everwire proxy --listen 9100 --to 127.0.0.1:9000",
            "  source <(everwire generate-completion)         completion for bash and zsh",
            "",
            "In the repository alone, from modules that are not published:",
            "  bin/everwire simulate --seeds 1000000   schedules of the session engines; --help for more",
            "  bin/everwire bench echo --quick         Everwire beside other servers; --help for more",
            "",
            "Exit codes: 0 fine, 1 failed, 2 wrong usage."
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    /** Runs the command, ends the process with its exit code, and ends the command gracefully on SIGINT and SIGTERM. */
    public static void main(String[] args) {
        Terminal terminal = Terminal.ofThisProcess();
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, error) -> terminal.complain("internal error in thread " + thread.getName() + ": " + error));
        CompletableFuture<Integer> ended = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> finish(terminal, ended), "everwire-stop"));
        ended.complete(run(terminal, args));
        System.exit(ExitCode.FINE); // The hook puts the command's own code in its place.
    }

    /**
     * A signal and {@link System#exit} both come by here. The JVM would end with 130 or 143 after a signal; a command that was
     * asked to stop, and did, is fine.
     */
    private static void finish(Terminal terminal, CompletableFuture<Integer> ended) {
        if (!terminal.stop().isAsked()) {
            terminal.stop().ask();
        }
        int code = ExitCode.FAILED;
        try {
            code = ended.get(6, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            terminal.complain("the command did not stop within 6 s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(code);
    }

    /** Runs the command and returns its exit code; never throws. */
    static int run(Terminal terminal, String... args) {
        CommandLine line = new CommandLine(new Main())
                .addSubcommand(new DemoCommand(terminal))
                .addSubcommand(new ServeCommand(terminal))
                .addSubcommand(new ConnectCommand(terminal))
                .addSubcommand(new ProxyCommand(terminal))
                .addSubcommand(new AutoComplete.GenerateCompletion())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setColorScheme(
                        CommandLine.Help.defaultColorScheme(terminal.paint().isColored() ? Ansi.ON : Ansi.OFF))
                .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((wrong, ignored) -> {
                    terminal.complain(sentenceOf(wrong));
                    return ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((failure, command, ignored) -> {
                    terminal.complain(sentenceOf(failure));
                    return ExitCode.FAILED;
                });
        int code = line.execute(args);
        terminal.out().flush();
        terminal.err().flush();
        return code;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a command is missing; name one of demo, serve, connect and proxy");
    }

    private static String sentenceOf(ParameterException wrong) {
        StringBuilder sentence = new StringBuilder(oneLine(wrong));
        if (wrong instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()) {
            sentence.append("; did you mean ")
                    .append(String.join(" or ", unmatched.getSuggestions()))
                    .append('?');
        }
        return sentence + " (see " + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help)";
    }

    private static String sentenceOf(Exception failure) {
        boolean isSentence = failure instanceof CommandFailedException
                || failure instanceof io.everwire.EverwireException
                || failure instanceof UncheckedIOException;
        return isSentence ? oneLine(failure) : "internal error: " + failure;
    }

    private static String oneLine(Exception failure) {
        return String.valueOf(failure.getMessage())
                .strip()
                .replaceFirst("^Error: ", "")
                .replaceAll("\\s*\\R\\s*", " ");
    }

    /** Reads the version that Maven leaves in the jar. */
    static final class Version implements IVersionProvider {
        private static final String FILE = "/META-INF/maven/io.everwire/everwire-cli/pom.properties";

        @Override
        public String[] getVersion() throws IOException {
            Properties properties = new Properties();
            try (InputStream file = Main.class.getResourceAsStream(FILE)) {
                if (file != null) {
                    properties.load(file);
                }
            }
            String version = properties.getProperty("version", "(not packaged)");
            return new String[] {"everwire " + version + ", Java " + Runtime.version()};
        }
    }
}
