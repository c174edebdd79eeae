package io.everwire.verification.laboratory;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.laboratory.Laboratory.Machine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The commands of the product, as a person starts them, and the article's way to pull the plug. */
@Execution(ExecutionMode.CONCURRENT)
final class ProductTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pace PACE = Pace.ofRun();

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void serveAndConnectNoticeTheArticlesCutAndLoseNoLine() {
        try (Laboratory laboratory = Laboratory.open()) {
            Program server =
                    laboratory.start(Machine.SRV, "serve", everwire("serve", "--host", "0.0.0.0", "--port", "9000"));
            server.await("listening", PATIENCE, event -> event.is("listening"));
            Program client = laboratory.start(
                    Machine.CLI, "connect", everwire("connect", "ws://" + Laboratory.SERVER_ADDRESS + ":9000/"));
            client.await("open", PATIENCE, event -> event.is("open"));
            say(client, "before");
            Cable cable = laboratory.cable();
            long cut = cable.cut();
            Event clientDead = client.await(cut, PATIENCE, "dead");
            Event serverDead = server.await(cut, PATIENCE, "dead");
            assertThat(clientDead.epochMillis() - cut).as(clientDead.line()).isLessThanOrEqualTo(bound(clientDead));
            assertThat(serverDead.epochMillis() - cut).as(serverDead.line()).isLessThanOrEqualTo(bound(serverDead));
            client.tell("during");
            long heal = cable.heal();
            Event back = client.await(heal, PATIENCE, "reconnected");
            client.await(
                    "the line that was said during the outage",
                    PATIENCE,
                    event -> event.line().equals("during"));
            say(client, "after");
            Results.laboratory()
                    .add(
                            "1 the article's commands, `everwire serve` and `connect`",
                            "ping-timeout after " + (clientDead.epochMillis() - cut) + " ms",
                            "ping-timeout after " + (serverDead.epochMillis() - cut) + " ms",
                            PACE.boundMillis() + " ms",
                            (back.epochMillis() - heal) + " ms",
                            "–",
                            "–",
                            "3 lines, all echoed",
                            "");
        }
    }

    private static long bound(Event dead) {
        return PACE.boundMillis() + Trial.SLACK + (dead.flag("grace") ? PACE.graceMillis() + Trial.SLACK : 0);
    }

    private static void say(Program client, String word) {
        client.tell(word);
        client.await("the echo of " + word, PATIENCE, event -> event.line().equals(word));
    }

    private static List<String> everwire(String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(Agent.java(), "-XX:TieredStopAtLevel=1", "-cp", ClassPath.ofJars(), "io.everwire.cli.Main"));
        command.addAll(List.of(arguments));
        command.addAll(List.of(
                "--events",
                "json",
                "--ping-interval",
                PACE.intervalMillis() + "ms",
                "--ping-timeout",
                PACE.timeoutMillis() + "ms"));
        return command;
    }
}
