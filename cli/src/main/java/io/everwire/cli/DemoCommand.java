package io.everwire.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The whole story in one terminal. */
@Command(
        name = "demo",
        description = {
            "Server, client and a faulty network in one process: messages flow, the cable is cut, both ends notice,"
                    + " the network returns, the client comes back, the session goes on, and nothing is lost.",
            "Exits 0 when all went as promised."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  everwire demo                               an outage of 8 s",
            "  everwire demo --outage 2s                   too short to be noticed",
            "  everwire demo --no-sessions                 without sessions: what was on its way is in doubt",
            "  everwire demo --seed-profile --outage 20s   only the server pings",
            "  everwire demo --events json | tail -1       the summary for a script"
        })
final class DemoCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--outage",
            paramLabel = "DURATION",
            defaultValue = "8s",
            converter = DurationConverter.class,
            description = "How long the cable is cut (default: ${DEFAULT-VALUE}).")
    private Duration outage = Duration.ofSeconds(8);

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many messages the client sends, at least 10 (default: ${DEFAULT-VALUE}).")
    private int messages;

    @Option(
            names = "--no-sessions",
            description =
                    "Reconnect without keeping the session: messages that were on their way when the cable was cut"
                            + " are reported as unknown.")
    private boolean isPlain;

    @Option(
            names = "--seed-profile",
            description = "As in the article that began it all: the server pings every 5 s and waits 2 s; the client"
                    + " pings nobody, expects traffic within 10 s, and waits a fixed 5 s before each attempt; without"
                    + " sessions.")
    private boolean isSeedProfile;

    @Mixin
    private EventsOption events = new EventsOption();

    DemoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (outage.toMillis() < 1) {
            throw Usage.wrong(spec, "an outage lasts at least 1ms");
        }
        if (messages < 10 || messages > 10_000_000) {
            throw Usage.wrong(spec, messages + " messages; from 10 to 10000000 are possible");
        }
        try (LineWriter lines = ServeLines.writer(terminal, events.isJson())) {
            StoryTeller teller = events.isJson()
                    ? new JsonStoryTeller(lines)
                    : new TextStoryTeller(lines, terminal.paint(), terminal.isWatched());
            StoryResult result = new Story(profile(), outage, messages, teller, terminal.stop()).tell();
            teller.end(result);
            return result.mistakes().isEmpty() ? ExitCode.FINE : ExitCode.FAILED;
        }
    }

    private StoryProfile profile() {
        if (isSeedProfile) {
            return StoryProfile.ARTICLE;
        }
        return isPlain ? StoryProfile.PLAIN : StoryProfile.keepingSessionsOver(outage);
    }
}
