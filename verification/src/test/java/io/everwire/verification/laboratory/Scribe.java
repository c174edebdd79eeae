package io.everwire.verification.laboratory;

import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionClosedException;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.SessionLoss;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An application at one end of a resumable session: it sends at a steady rate, and writes into its {@link Book} what it sends, how
 * each send ended, and what it was handed. It prints what happens to its session as JSON lines, and obeys words on its standard
 * input:
 *
 * <ul>
 *   <li>{@code mark N} is answered by {@code through} when everything that was sent before it is settled,
 *   <li>{@code quiet} ends the sending, for good,
 *   <li>{@code explain} prints the story of its sessions.
 * </ul>
 *
 * <p>The first argument is {@code serve} or {@code connect}; the others are {@code name=value}.
 */
abstract class Scribe implements SessionListener {
    private final Map<String, String> settings;
    private final Book.Writer book;
    private final Parcels parcels;
    private final AtomicBoolean isQuiet = new AtomicBoolean();
    private @Nullable Session current;

    Scribe(Map<String, String> settings) {
        this.settings = settings;
        book = new Book.Writer(Path.of(setting("book")));
        parcels = new Parcels(number("seed"), setting("life"), (int) number("largest"));
    }

    public static void main(String[] arguments) throws IOException {
        Map<String, String> settings = new HashMap<>();
        Arrays.stream(arguments).skip(1).forEach(argument -> {
            int equals = argument.indexOf('=');
            settings.put(argument.substring(0, equals), argument.substring(equals + 1));
        });
        Scribe scribe = arguments[0].equals("serve") ? new ScribeServer(settings) : new ScribeClient(settings);
        scribe.begin();
        scribe.startSending();
        scribe.obey();
    }

    /**
     * Returns the command that starts a scribe.
     *
     * @param role {@code serve} or {@code connect}
     * @param life the name of this life of the program, which its messages begin with, and of its book
     * @param directory where its book is written
     * @param settings as {@code name=value}: {@code rate} a second, {@code largest} bytes, {@code ping} and {@code handling} in milliseconds, {@code seed},
     *     and at a server {@code store}, which is {@code memory} or a directory
     */
    static List<String> command(String role, String life, Path directory, String... settings) {
        List<String> command = new ArrayList<>(List.of(
                Agent.java(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                ClassPath.ofJars(),
                Scribe.class.getName(),
                role));
        command.addAll(List.of("life=" + life, "book=" + book(directory, life).toAbsolutePath()));
        command.addAll(List.of(settings));
        return command;
    }

    /** Returns where a life's book is. */
    static Path book(Path directory, String life) {
        return directory.resolve(life + ".book");
    }

    /** Listens, or connects. */
    abstract void begin();

    // ---- the session ----

    @Override
    public void onMessage(Session session, Message message) {
        // Before the handler returns, so that no crash lies between this line and the acknowledgement.
        book.received(String.valueOf(session.sessionId()), message);
        // An effect takes its time: some kills fall between it and its commit.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(number("handling")));
    }

    @Override
    public void onEvent(Session session, SessionEvent event) {
        take(session);
        String name = event.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        String end = ",\"sid\":\"" + session.sessionId() + "\",\"epoch\":" + event.epoch();
        if (event instanceof SessionEvent.Resumed resumed) {
            print(
                    name,
                    "\"replayedIn\":" + resumed.replayedIn() + ",\"replayedOut\":" + resumed.replayedOut()
                            + ",\"outageMs\":" + resumed.outage().toMillis() + end);
        } else if (event instanceof SessionEvent.SessionLost lost) {
            SessionLoss loss = lost.loss();
            print(
                    name,
                    "\"reason\":\"" + loss.reason().word() + "\",\"story\":\"" + clean(loss.toString()) + "\"" + end);
        } else {
            print(name, "\"what\":\"" + clean(event.toString()) + "\"" + end);
        }
    }

    /** The session that is sent to is the newest that was heard of. */
    private synchronized void take(Session session) {
        current = session;
        notifyAll();
    }

    private synchronized @Nullable Session session() {
        return current;
    }

    // ---- sending ----

    private void startSending() {
        Thread sender = new Thread(this::send, "sender");
        sender.setDaemon(true);
        sender.start();
    }

    private void send() {
        long periodNanos = TimeUnit.SECONDS.toNanos(1) / number("rate");
        long due = System.nanoTime();
        try {
            awaitSession();
            while (!isQuiet.get()) {
                Session session = session();
                if (session != null) {
                    Message message = parcels.next();
                    long id = book.offered(message);
                    session.awaitSend(message, Duration.ofMinutes(10))
                            .thenAccept(delivery -> book.settled(id, delivery));
                }
                due += periodNanos;
                TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
            }
        } catch (SessionClosedException e) {
            print("unable", "\"what\":\"" + clean(e.toString()) + "\"");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void awaitSession() throws InterruptedException {
        while (current == null) {
            wait();
        }
    }

    // ---- words ----

    private void obey() throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "mark" -> book.whenSettled(sent -> print("through", "\"mark\":" + words[1] + ",\"sent\":" + sent));
                case "quiet" -> isQuiet.set(true);
                case "explain" -> explain();
                default -> print("noise", "\"word\":\"" + clean(line) + "\"");
            }
        }
        // Whoever started us is gone, or wants us to be.
        System.exit(0);
    }

    private void explain() {
        Session session = session();
        print("explained", "\"story\":\"" + clean(session == null ? "no session" : session.explain()) + "\"");
    }

    final void print(String event, String members) {
        String line = "{\"event\":\"" + event + "\"," + members + ",\"t\":" + System.currentTimeMillis() + "}\n";
        synchronized (System.out) {
            System.out.print(line);
            System.out.flush();
        }
    }

    private static String clean(String text) {
        return text.replace('"', '\'').replace('\\', '/').replace("\n", " | ");
    }

    // ---- settings ----

    final String setting(String name) {
        String given = settings.get(name);
        if (given == null) {
            throw new IllegalArgumentException("no " + name + "= was given");
        }
        return given;
    }

    final long number(String name) {
        return Long.parseLong(setting(name));
    }

    final LivenessPolicy liveness() {
        Duration ping = Duration.ofMillis(number("ping"));
        return LivenessPolicy.DEFAULT.withPing(ping, ping);
    }

    /** A window for everything that is sent in an outage: a server that fills its window meanwhile ends the session. */
    static ResumePolicy policy() {
        return ResumePolicy.DEFAULT.withTimeToLive(Duration.ofMinutes(10)).withWindow(32 << 20, 16_384);
    }
}
