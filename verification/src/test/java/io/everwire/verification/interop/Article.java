package io.everwire.verification.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionEvent.Closed;
import io.everwire.SessionEvent.Dead;
import io.everwire.SessionEvent.Lost;
import io.everwire.SessionEvent.Ready;
import io.everwire.client.EverwireClient;
import io.everwire.faults.Blackhole;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.server.EverwireServer;
import io.everwire.verification.Requirement;
import io.everwire.verification.conversation.Opened;
import io.everwire.verification.conversation.Patience;
import io.everwire.verification.conversation.RecordingListener;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * The article's own server and client with our client and our server, both at the same time: data flows for a minute, the
 * cable is cut, each end notices, the client comes back.
 */
final class Article {
    private static final String NAME = "AutobahnPython as in the article";
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int TICK_MILLIS = 100;
    /** Half of what an undisturbed minute brings: what hangs for long is seen, a busy machine is not. */
    private static final int ENOUGH_TICKS = (int) (MINUTE.toMillis() / TICK_MILLIS / 2);

    private final Table table;
    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final Future<?> withTheirServer;
    private final Future<?> withTheirClient;

    private Article(Table table) {
        this.table = table;
        withTheirServer = threads.submit(() -> play("our client, its server", this::talkToTheirServer));
        withTheirClient = threads.submit(() -> play("its client, our server", this::talkToTheirClient));
        threads.shutdown();
    }

    /** Begins both conversations in the background. */
    static Article begin(Table table) {
        return new Article(table);
    }

    private @Nullable Void play(String direction, Table.Script script) throws Exception {
        Interpreter autobahn = Interpreter.AUTOBAHN;
        table.play(NAME, autobahn.versionOrNone(), direction, row -> {
            Requirement.orSkip(autobahn.isThere(), "AutobahnPython", autobahn.howToInstall());
            script.play(row);
        });
        return null;
    }

    private void talkToTheirServer(Table.Row row) throws Exception {
        Program program = Scripts.start("article server", Interpreter.AUTOBAHN, "article_server.py", line -> {}, "0");
        try (Opened opened = new Opened()) {
            opened.add(program::kill);
            String listening = program.await("listening ").text();
            FaultProxy proxy = opened.add(FaultProxy.listen(0)
                    .to("127.0.0.1", Integer.parseInt(listening.substring("listening ".length())))
                    .start());
            RecordingListener heard = new RecordingListener();
            Session session = opened.connect(
                    EverwireClient.to(Opened.url(proxy.port())).liveness(LivenessPolicy.ARTICLE_CLIENT), heard);
            heard.await(Ready.class);
            program.await("open");
            letDataFlow(session, heard, row);

            long cutAt = System.nanoTime();
            proxy.apply(Blackhole.BOTH);
            Dead dead = heard.await(Dead.class);
            Program.Line closed = program.await("closed after ");
            assertThat(ticks(closed.text())).isGreaterThan(ENOUGH_TICKS);
            row.holds("cut: we noticed after " + seconds(dead.silence()) + " of "
                    + seconds(LivenessPolicy.ARTICLE_CLIENT.bound()) + " (" + dead.reason() + "), it after "
                    + seconds(Duration.ofNanos(closed.atNanos() - cutAt)) + " of 7.0 s");

            proxy.heal();
            heard.await(Ready.class, 2);
            program.await("open");
            row.holds("we came back");
        }
    }

    private void talkToTheirClient(Table.Row row) throws Exception {
        try (Opened opened = new Opened()) {
            Doorkeeper doorkeeper = new Doorkeeper();
            EverwireServer server = opened.serve(EverwireServer.builder()
                    .liveness(LivenessPolicy.ARTICLE_SERVER)
                    .listen("/", handshake -> doorkeeper.next(), null));
            FaultProxy proxy = opened.proxy(server);
            Program program = Scripts.start(
                    "article client",
                    Interpreter.AUTOBAHN,
                    "article_client.py",
                    line -> {},
                    Integer.toString(proxy.port()));
            opened.add(program::kill);
            RecordingListener heard = doorkeeper.arrival();
            program.await("open");
            letDataFlow(heard.session(), heard, row);

            long cutAt = System.nanoTime();
            proxy.apply(Blackhole.BOTH);
            Dead dead = heard.await(Dead.class);
            Program.Line hangsUp = program.await("hangs up");
            String closed = program.await("closed after ").text();
            assertThat(ticks(closed)).isGreaterThan(ENOUGH_TICKS);
            row.holds("cut: we noticed after " + seconds(dead.silence()) + " of "
                    + seconds(LivenessPolicy.ARTICLE_SERVER.bound()) + " (" + dead.reason() + "), it after "
                    + seconds(Duration.ofNanos(hangsUp.atNanos() - cutAt)) + " of 15.0 s");

            proxy.heal();
            program.await("open");
            doorkeeper.arrival();
            row.holds("it came back");
        }
    }

    /** Lets data flow both ways for a minute, in which nobody may hang up. */
    private static void letDataFlow(Session session, RecordingListener heard, Table.Row row) {
        ScheduledExecutorService ticking = Executors.newSingleThreadScheduledExecutor();
        try {
            ticking.scheduleAtFixedRate(
                    () -> session.trySend(Message.text("tick")), 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
            Awaitility.await("a minute without a hang-up")
                    .during(MINUTE)
                    .atMost(MINUTE.plus(Patience.LIMIT))
                    .until(() -> heard.all(Lost.class).isEmpty()
                            && heard.all(Closed.class).isEmpty());
            assertThat(heard.messageCount()).isGreaterThan(ENOUGH_TICKS);
            row.holds("a minute of data both ways without a hang-up");
        } finally {
            ticking.shutdownNow();
        }
    }

    private static int ticks(String closed) {
        return Integer.parseInt(closed.replaceFirst("^closed after (\\d+) .*", "$1"));
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    /** Waits for the conversation with the article's server. */
    void awaitTheirServer() throws Exception {
        await(withTheirServer);
    }

    /** Waits for the conversation with the article's client. */
    void awaitTheirClient() throws Exception {
        await(withTheirClient);
    }

    private static void await(Future<?> conversation) throws Exception {
        try {
            conversation.get(MINUTE.plus(Patience.LIMIT.multipliedBy(5)).toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            if (e.getCause() instanceof RuntimeException exception) {
                throw exception; // A skipped test, for one.
            }
            throw e;
        }
    }
}
