package io.everwire.verification.laboratory;

import io.everwire.Delivery;
import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.PingWhen;
import io.everwire.Session;
import io.everwire.SessionEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An application at one end of the cable: a program of its own, started in a namespace, that keeps numbered messages flowing, prints
 * what happens as JSON lines, and obeys words on its standard input: {@code quiet}, {@code beat MILLIS}, {@code big BYTES} and
 * {@code report}.
 *
 * <p>The first argument is {@code serve} or {@code connect}; the others are {@code name=value}.
 */
abstract class Agent {
    static final char BEAT = 'b';
    static final char ANSWER = 'a';

    private final Map<String, String> settings;
    private final AtomicLong lastSeq = new AtomicLong();
    private final AtomicLong confirmed = new AtomicLong();
    private final List<Long> unknown = Collections.synchronizedList(new ArrayList<>());
    private final List<Long> notSent = Collections.synchronizedList(new ArrayList<>());
    private final List<Long> received = Collections.synchronizedList(new ArrayList<>());
    private volatile long beatMillis;

    Agent(Map<String, String> settings) {
        this.settings = settings;
        this.beatMillis = number("beat", 1_000);
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> settings = new HashMap<>();
        Arrays.stream(arguments).skip(1).forEach(argument -> {
            int equals = argument.indexOf('=');
            settings.put(argument.substring(0, equals), argument.substring(equals + 1));
        });
        Agent agent = arguments[0].equals("serve") ? new AgentServer(settings) : new AgentClient(settings);
        agent.begin();
        agent.startBeats();
        agent.obey();
    }

    /**
     * Returns the command that starts an agent.
     *
     * @param role {@code serve} or {@code connect}
     * @param extra further settings, and options of the JVM, which begin with a hyphen
     */
    static List<String> command(String role, Pace pace, String... extra) {
        List<String> command = new ArrayList<>(List.of(
                java(),
                // As few threads of the JVM's own as can be, and always the same number.
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UseDynamicNumberOfCompilerThreads",
                "-Xmx256m"));
        Arrays.stream(extra).filter(option -> option.startsWith("-")).forEach(command::add);
        command.addAll(List.of(
                "-cp",
                ClassPath.ofJars(),
                Agent.class.getName(),
                role,
                "interval=" + pace.intervalMillis(),
                "timeout=" + pace.timeoutMillis(),
                "beat=" + pace.beatMillis()));
        Arrays.stream(extra).filter(option -> !option.startsWith("-")).forEach(command::add);
        return command;
    }

    /** Returns the Java that these tests run on. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Listens, or connects. */
    abstract void begin();

    /** Returns the sessions that a beat or a big message goes to. */
    abstract Iterable<Session> audience();

    private void startBeats() {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "beats");
            thread.setDaemon(true);
            return thread;
        });
        clock.schedule(() -> beat(clock), beatMillis, TimeUnit.MILLISECONDS);
    }

    private void beat(ScheduledExecutorService clock) {
        long pause = beatMillis;
        if (pause > 0) {
            audience().forEach(session -> send(session, ""));
        }
        clock.schedule(() -> beat(clock), pause > 0 ? pause : 1_000, TimeUnit.MILLISECONDS);
    }

    /** Sends a numbered message, and notes how its send ends. One at a time: numbers follow the order of sending. */
    synchronized void send(Session session, String padding) {
        long seq = lastSeq.incrementAndGet();
        session.send(BEAT + " " + seq + " " + padding).thenAccept(delivery -> settle(seq, delivery));
    }

    private void settle(long seq, Delivery delivery) {
        switch (delivery.outcome()) {
            case CONFIRMED -> confirmed.incrementAndGet();
            case UNKNOWN -> unknown.add(seq);
            case NOT_SENT -> notSent.add(seq);
        }
    }

    /** Notes a beat of the peer's, or the answer to one of ours. */
    void take(Session session, Message message) {
        ByteBuffer bytes = message.bytes();
        char kind = (char) bytes.get();
        bytes.get();
        long seq = 0;
        for (byte digit = bytes.get(); digit != ' '; digit = bytes.get()) {
            seq = seq * 10 + digit - '0';
        }
        if (kind == ANSWER) {
            print("answered", "seq", seq);
        } else {
            received.add(seq);
            if (answers()) {
                session.trySend(Message.text(ANSWER + " " + seq + " "));
            }
            if (bytes.remaining() > 0) {
                print("big", "bytes", bytes.remaining());
            }
        }
    }

    abstract boolean answers();

    /** Prints what a session was told. */
    void tell(Session session, SessionEvent event) {
        String end = "\"epoch\":" + event.epoch() + ",\"id\":\"" + session.id() + "\"";
        if (event instanceof SessionEvent.Dead dead) {
            String why = "\"reason\":\"" + dead.reason() + "\",\"silentMs\":"
                    + dead.silence().toMillis() + ",\"grace\":" + dead.grace();
            print("dead", why + ",\"message\":\"" + clean(dead.message()) + "\"," + end);
        } else if (event instanceof SessionEvent.Waiting waiting) {
            String why = "\"attempt\":" + waiting.attempt() + ",\"delayMs\":"
                    + waiting.delay().toMillis() + ",\"reason\":\""
                    + waiting.failure().kind() + "\"";
            print("waiting", why + ",\"message\":\"" + clean(waiting.failure().message()) + "\"," + end);
        } else if (event instanceof SessionEvent.Lost lost) {
            print("lost", "\"reason\":\"" + lost.cause().kind() + "\"," + end);
        } else if (event instanceof SessionEvent.Closed closed) {
            print("closed", "\"reason\":\"" + closed.cause().kind() + "\"," + end);
        } else if (event instanceof SessionEvent.Reconnected back) {
            print("reconnected", "\"outageMs\":" + back.outage().toMillis() + "," + end);
        } else if (event instanceof SessionEvent.ListenerFailed failed) {
            print("failed", "\"message\":\"" + clean(String.valueOf(failed.error())) + "\"," + end);
        } else {
            print(event.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT), end);
        }
    }

    private void obey() throws IOException, InterruptedException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "quiet" -> beatMillis = 0;
                case "beat" -> beatMillis = Long.parseLong(words[1]);
                case "big" -> audience().forEach(session -> send(session, "x".repeat(Integer.parseInt(words[1]))));
                case "report" -> report();
                default -> print("noise", "\"word\":\"" + clean(line) + "\"");
            }
        }
        // Whoever started us is gone, or wants us to be.
        new CountDownLatch(1).await(0, TimeUnit.SECONDS);
        System.exit(0);
    }

    private void report() {
        long settled = confirmed.get() + unknown.size() + notSent.size();
        print(
                "report",
                "\"sent\":" + lastSeq.get() + ",\"pending\":" + (lastSeq.get() - settled) + ",\"confirmed\":"
                        + confirmed.get() + ",\"unknown\":" + list(unknown) + ",\"notSent\":" + list(notSent)
                        + ",\"received\":" + list(received));
    }

    private static String list(List<Long> numbers) {
        return List.copyOf(numbers).toString().replace(" ", "");
    }

    void print(String event, String member, long value) {
        print(event, "\"" + member + "\":" + value);
    }

    private void print(String event, String members) {
        String line = "{\"event\":\"" + event + "\"," + members + ",\"t\":" + System.currentTimeMillis() + "}\n";
        synchronized (System.out) {
            System.out.print(line);
            System.out.flush();
        }
    }

    private static String clean(String text) {
        return text.replace('"', '\'').replace('\\', '/').replace('\n', ' ');
    }

    // ---- settings ----

    String setting(String name, String otherwise) {
        return settings.getOrDefault(name, otherwise);
    }

    long number(String name, long otherwise) {
        String given = settings.get(name);
        return given == null ? otherwise : Long.parseLong(given);
    }

    /** Both ends ping alike; 0 for the interval takes the library's default policy. */
    LivenessPolicy liveness() {
        long interval = number("interval", 0);
        if (interval == 0) {
            return LivenessPolicy.DEFAULT;
        }
        return new LivenessPolicy(
                Duration.ofMillis(interval),
                0.2,
                Duration.ofMillis(number("timeout", interval)),
                PingWhen.valueOf(setting("when", "SILENT")),
                null,
                Duration.ofSeconds(60));
    }
}
