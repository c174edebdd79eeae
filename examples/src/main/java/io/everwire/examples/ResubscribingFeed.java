package io.everwire.examples;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;

/** Shows a feed that logs in and subscribes anew on every connection, before any queued message is sent. */
public final class ResubscribingFeed implements SessionListener {
    private final BlockingQueue<String> prices = new LinkedBlockingQueue<>();
    private volatile CompletableFuture<Void> welcome = new CompletableFuture<>();

    @Override
    public CompletionStage<?> onReady(Session session, DirectSender direct) {
        welcome = new CompletableFuture<>();
        direct.send("login reader");
        direct.send("subscribe gold");
        return welcome; // The session is ready, and its queue open, when the server has let us in.
    }

    @Override
    public void onMessage(Session session, Message message) {
        if (message.text().equals("welcome")) {
            welcome.complete(null);
        } else {
            prices.add("epoch " + session.epoch() + ": " + message.text());
        }
    }

    /** The other end: it welcomes who logs in, and answers a subscription with a price. */
    private static final class Market implements SessionListener {
        @Override
        public void onMessage(Session session, Message message) {
            boolean isLogin = message.text().startsWith("login ");
            session.trySend(Message.text(isLogin ? "welcome" : "gold costs 2,400 today"));
        }
    }

    /** Loses one connection on the way, and goes on. */
    public static void main(String[] args) throws InterruptedException {
        ResubscribingFeed feed = new ResubscribingFeed();
        try (EverwireServer server =
                        EverwireServer.builder().listen("/", new Market()).start();
                Session session = EverwireClient.to("ws://127.0.0.1:" + server.port() + "/")
                        .listen(feed)) {
            System.out.println(feed.prices.take());
            server.sessions().forEach(lost -> lost.close(new CloseStatus(CloseCode.GOING_AWAY, "moving house")));
            System.out.println(feed.prices.take());
            System.out.println(session.explain());
        }
    }
}
