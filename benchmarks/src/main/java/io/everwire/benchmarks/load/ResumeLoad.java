package io.everwire.benchmarks.load;

import io.everwire.Delivery;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import io.everwire.faults.Delay;
import io.everwire.faults.Refuse;
import io.everwire.faults.Reset;
import io.everwire.faults.proxy.FaultProxy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Everwire's clients, by its published API, behind a link that is cut. It obeys orders: {@code connect} opens them; {@code hold} lets the
 * link swallow what the server sends, and {@code cut} ends all connections and refuses new ones; {@code heal} lets everybody through
 * again; {@code begin} forgets what has come, and {@code await 10} waits until everybody is connected and has so many messages
 * more. Each answer is the monotonic clock in nanoseconds: of the order, and for {@code await} of the first message and of the
 * last, of the first client and of the last that was back when it awaits none, then how many bytes came.
 */
final class ResumeLoad {
    private static final int BUDGET = 10_000;
    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long ACKNOWLEDGED_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Settings settings;
    private final FaultProxy way;
    private final List<Session> sessions = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final AtomicLong bytes = new AtomicLong();

    private ResumeLoad(Settings settings) {
        this.settings = settings;
        way = FaultProxy.listen(0).to("127.0.0.1", settings.number("port")).start();
    }

    static Map<String, Double> run(Settings settings, LoadMain.Diary diary) throws IOException {
        ResumeLoad load = new ResumeLoad(settings);
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            diary.at(load.obey(order.split(" ", -1)));
        }
        return Map.of();
    }

    private String obey(String[] order) throws IOException {
        long now = System.nanoTime();
        switch (order[0]) {
            case "connect" -> connect();
            // Taken and not delivered, as by a long way on which it is lost in the end.
            case "hold" -> way.apply(new Delay(Duration.ofHours(1), Duration.ZERO));
            case "cut" -> {
                way.apply(new Refuse());
                way.apply(new Reset());
                await(client -> !client.isUp);
            }
            case "heal" -> way.heal();
            case "begin" -> {
                settle();
                bytes.set(0);
                clients.forEach(Client::beginAnew);
            }
            case "await" -> {
                long messages = Long.parseLong(order[1]);
                await(client -> client.isUp && client.messages.get() >= messages);
                long first = clients.stream()
                        .mapToLong(client -> messages == 0 ? client.upNanos : client.firstNanos)
                        .min()
                        .orElse(now);
                long last = clients.stream()
                        .mapToLong(client -> messages == 0 ? client.upNanos : client.lastNanos)
                        .max()
                        .orElse(now);
                return first + " " + last + " " + bytes.get();
            }
            default -> throw new IllegalArgumentException("the order '" + order[0] + "' is unknown");
        }
        return Long.toString(now);
    }

    private void connect() throws IOException {
        for (int i = 0; i < settings.number("clients"); i++) {
            Client client = new Client();
            clients.add(client);
            EverwireClient.Builder builder = EverwireClient.to("ws://127.0.0.1:" + way.port() + settings.text("path"))
                    .hostBudget(BUDGET, BUDGET);
            if (settings.is("sessions")) {
                builder.sessions();
            }
            sessions.add(builder.listen(client));
        }
        await(client -> client.isUp);
    }

    /**
     * Waits until the server knows what was received: the last acknowledgement is late by 200 ms at most, and a message behind it is
     * confirmed. Otherwise the next cut could swallow it, and a window would be sent behind one that is unacknowledged.
     */
    private void settle() throws IOException {
        if (!settings.is("sessions")) {
            return;
        }
        LockSupport.parkNanos(ACKNOWLEDGED_NANOS);
        List<CompletableFuture<Delivery>> sends = sessions.stream()
                .map(session -> session.send("settled").toCompletableFuture())
                .toList();
        for (CompletableFuture<Delivery> send : sends) {
            try {
                Delivery delivery = send.get(LONGEST_WAIT_NANOS, TimeUnit.NANOSECONDS);
                if (!delivery.equals(Delivery.CONFIRMED)) {
                    throw new LoadException("a message before a cut was not confirmed: " + delivery);
                }
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new LoadException("a message before a cut was not confirmed: " + e);
            }
        }
    }

    private void await(Predicate<Client> condition) throws IOException {
        long begun = System.nanoTime();
        while (!clients.stream().allMatch(condition)) {
            if (System.nanoTime() - begun > LONGEST_WAIT_NANOS) {
                long done = clients.stream().filter(condition).count();
                long up = clients.stream().filter(client -> client.isUp).count();
                long messages = clients.stream()
                        .mapToLong(client -> client.messages.get())
                        .sum();
                throw new LoadException("after " + TimeUnit.NANOSECONDS.toSeconds(LONGEST_WAIT_NANOS) + " s " + done
                        + " of " + clients.size() + " clients are there; " + up + " are connected, and " + messages
                        + " messages came");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private final class Client implements SessionListener {
        private volatile boolean isUp;
        private volatile long upNanos;
        private volatile long firstNanos;
        private volatile long lastNanos;
        private final AtomicLong messages = new AtomicLong();

        @Override
        public void onMessage(Session session, Message message) {
            bytes.addAndGet(message.length());
            lastNanos = System.nanoTime();
            if (messages.getAndIncrement() == 0) {
                firstNanos = lastNanos;
            }
        }

        @Override
        public void onEvent(Session session, SessionEvent event) {
            if (event instanceof SessionEvent.Ready || event instanceof SessionEvent.Resumed) {
                upNanos = System.nanoTime();
                isUp = true;
            } else if (event instanceof SessionEvent.Lost || event instanceof SessionEvent.Suspended) {
                isUp = false;
            }
        }

        private void beginAnew() {
            messages.set(0);
        }
    }
}
