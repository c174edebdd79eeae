package io.everwire.benchmarks.load;

import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Thousands of Everwire's clients, by its published API, that have lost their server. It obeys orders: {@code connect} makes them,
 * {@code anew 4711} forgets what they have lived through, and sends them to that port when they lose their connection, {@code up}
 * tells how many are connected, {@code lives} tells of each client when it was back, and how often it was put off, failed, was refused
 * and was lost again.
 */
final class StormLoad {
    private static final int FIRST_HOST = 2;
    private static final LivenessPolicy LIVENESS =
            LivenessPolicy.DEFAULT.withPing(Duration.ofSeconds(1), Duration.ofSeconds(5));

    private final Settings settings;
    private final List<Client> clients = new ArrayList<>();
    private final List<Session> sessions = new ArrayList<>();
    /** Where the next attempts go, of clients that lose their connection from now on. */
    private volatile int port;

    private StormLoad(Settings settings) {
        this.settings = settings;
        port = settings.number("port");
    }

    static Map<String, Double> run(Settings settings, LoadMain.Diary diary) throws IOException {
        StormLoad load = new StormLoad(settings);
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            diary.at(load.obey(order.split(" ", -1)));
        }
        return Map.of();
    }

    private String obey(String[] order) {
        return switch (order[0]) {
            case "connect" -> {
                connect();
                yield "";
            }
            case "anew" -> {
                port = Integer.parseInt(order[1]);
                clients.forEach(Client::beginAnew);
                yield "";
            }
            case "up" ->
                // Who has not noticed yet that the server is gone is not back.
                Long.toString(clients.stream()
                        .filter(client -> client.isUp && client.backMillis != 0)
                        .count());
            case "lives" -> lives();
            default -> throw new IllegalArgumentException("the order '" + order[0] + "' is unknown");
        };
    }

    private void connect() {
        for (int i = 0; i < settings.number("clients"); i++) {
            Client client = new Client();
            clients.add(client);
            String host = "127.0.0." + (FIRST_HOST + i % settings.number("hosts"));
            sessions.add(
                    EverwireClient.to(requestTo(host), attempt -> CompletableFuture.completedFuture(requestTo(host)))
                            .hostBudget(settings.number("budget"), settings.number("budget"))
                            .reconnect(ReconnectPolicy.DEFAULT)
                            .liveness(LIVENESS)
                            .listen(client));
        }
    }

    private ConnectRequest requestTo(String host) {
        return ConnectRequest.to("ws://" + host + ":" + port + "/echo");
    }

    private String lives() {
        StringBuilder all = new StringBuilder("lives");
        for (Client client : clients) {
            all.append(' ').append(client.backMillis);
            for (AtomicInteger count : List.of(client.putOff, client.failed, client.refused, client.lostAgain)) {
                all.append(',').append(count);
            }
        }
        return all.toString();
    }

    /** What one client has lived through since it began anew. */
    private static final class Client implements SessionListener {
        private volatile long backMillis;
        private volatile boolean isUp;
        private volatile boolean isLost;
        private final AtomicInteger putOff = new AtomicInteger();
        private final AtomicInteger failed = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();
        private final AtomicInteger lostAgain = new AtomicInteger();

        @Override
        public void onMessage(Session from, Message message) {}

        @Override
        public void onEvent(Session from, SessionEvent event) {
            if (event instanceof SessionEvent.Ready) {
                isUp = true;
                backMillis = System.currentTimeMillis();
            } else if (event instanceof SessionEvent.Lost) {
                lostAgain.addAndGet(backMillis == 0 ? 0 : 1);
                isUp = false;
                isLost = true;
            } else if (event instanceof SessionEvent.Closed) {
                isUp = false;
            } else if (event instanceof SessionEvent.Waiting waiting) {
                count(waiting.failure());
            }
        }

        private void count(Failure failure) {
            if (isLost) {
                // The first wait after a loss is for the loss, and no attempt has failed.
                isLost = false;
            } else if (failure.isSlot()) {
                putOff.incrementAndGet();
            } else if (failure.kind() == Failure.Kind.REFUSED) {
                refused.incrementAndGet();
            } else {
                failed.incrementAndGet();
            }
        }

        private void beginAnew() {
            backMillis = 0;
            List.of(putOff, failed, refused, lostAgain).forEach(count -> count.set(0));
        }
    }
}
