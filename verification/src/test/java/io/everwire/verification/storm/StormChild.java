package io.everwire.verification.storm;

import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.StormPolicy;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.session.StormControl;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One process of a storm: the server that is killed, or a part of its clients. It is told what to do by its input, line by line, and
 * tells what happened by its output.
 */
final class StormChild {
    private static final PrintStream OUT = new PrintStream(new FileOutputStream(FileDescriptor.out), true);

    private StormChild() {}

    public static void main(String[] arguments) {
        if (arguments[0].equals("server")) {
            serve(Integer.parseInt(arguments[1]), policy(arguments[2]));
        } else {
            connect(arguments[1], Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
        }
    }

    private static StormPolicy policy(String name) {
        return switch (name) {
            case "none" -> StormPolicy.NONE;
            case "default" -> StormPolicy.DEFAULT;
            default -> StormPolicy.DEFAULT.withHandshakesPerSecond(Integer.parseInt(name));
        };
    }

    // ---- the server ----

    private static void serve(int port, StormPolicy storm) {
        AtomicInteger open = new AtomicInteger();
        SessionListener listener = new SessionListener() {
            @Override
            public void onMessage(Session session, Message message) {}

            @Override
            public void onEvent(Session session, SessionEvent event) {
                if (event instanceof SessionEvent.Open) {
                    open.incrementAndGet();
                }
            }
        };
        EverwireServer server = EverwireServer.builder()
                .host("0.0.0.0")
                .port(port)
                .storm(storm)
                .liveness(LivenessPolicy.DEFAULT.withPing(Duration.ofSeconds(1), Duration.ofSeconds(5)))
                .listen("/", listener)
                .start();
        OUT.println("listening " + server.port());
        Scanner in = new Scanner(System.in, StandardCharsets.UTF_8);
        while (in.hasNextLine()) {
            in.nextLine();
            StormControl.Counts counts = server.stormCounts();
            OUT.println("counts " + counts.admitted() + " " + counts.admittedByTicket() + " " + counts.refused() + " "
                    + counts.refusedUnheard() + " " + counts.perSecond() + " " + open.get());
        }
        Runtime.getRuntime().halt(0);
    }

    // ---- the clients ----

    /** What one client has lived through since it was told to begin anew. */
    private static final class Client implements SessionListener {
        private volatile long backMillis;
        private volatile boolean isUp;
        private final AtomicInteger failed = new AtomicInteger();
        private final AtomicInteger putOff = new AtomicInteger();
        private final AtomicInteger lostAgain = new AtomicInteger();
        private volatile String lastFailure = "";

        @Override
        public void onMessage(Session session, Message message) {}

        @Override
        public void onEvent(Session session, SessionEvent event) {
            if (event instanceof SessionEvent.Ready) {
                isUp = true;
                backMillis = System.currentTimeMillis();
            } else if (event instanceof SessionEvent.Lost) {
                isUp = false;
                lostAgain.incrementAndGet();
            } else if (event instanceof SessionEvent.Waiting waiting) {
                noteFailure(waiting.failure());
            }
        }

        private void noteFailure(Failure failure) {
            if (failure.isSlot()) {
                putOff.incrementAndGet();
            } else if (failure.kind() != Failure.Kind.REFUSED && isUpgrade(failure)) {
                failed.incrementAndGet();
                lastFailure = failure.kind() + ": " + failure.message();
            }
        }

        /** Whether the server, or its kernel, had something to do with it. */
        private static boolean isUpgrade(Failure failure) {
            return failure.httpStatus() != 0
                    || failure.kind() == Failure.Kind.UPGRADE_TIMEOUT
                    || failure.message().contains("upgrade");
        }

        private void beginAnew() {
            backMillis = 0;
            failed.set(0);
            putOff.set(0);
            lostAgain.set(0);
        }
    }

    private static void connect(String url, int count, int perSecond) {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(new Client());
        }
        Scanner in = new Scanner(System.in, StandardCharsets.UTF_8);
        while (in.hasNextLine()) {
            switch (in.nextLine()) {
                case "connect" -> {
                    for (Client client : clients) {
                        EverwireClient.to(ConnectRequest.to(url))
                                .hostBudget(perSecond, perSecond)
                                .reconnect(ReconnectPolicy.DEFAULT)
                                .liveness(LivenessPolicy.DEFAULT.withPing(Duration.ofSeconds(1), Duration.ofSeconds(5)))
                                .listen(client);
                    }
                }
                case "anew" -> clients.forEach(Client::beginAnew);
                case "count" ->
                    OUT.println("up "
                            + clients.stream().filter(client -> client.isUp).count());
                case "report" -> report(clients);
                default -> Runtime.getRuntime().halt(0);
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static void report(List<Client> clients) {
        StringBuilder line = new StringBuilder("clients");
        for (Client client : clients) {
            line.append(' ').append(client.backMillis).append(',').append(client.putOff.get());
            line.append(',').append(client.failed.get()).append(',').append(client.lostAgain.get());
        }
        OUT.println(line);
        clients.stream()
                .filter(client -> client.failed.get() > 0)
                .limit(3)
                .forEach(client -> OUT.println("# " + client.lastFailure));
        OUT.println("end");
    }
}
