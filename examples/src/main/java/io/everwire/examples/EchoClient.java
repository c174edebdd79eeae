package io.everwire.examples;

import io.everwire.Delivery;
import io.everwire.Message;
import io.everwire.SendOptions;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import java.time.Duration;

/**
 * Shows a client that sends one message and learns how the send ended. Argument: the URL, {@code ws://127.0.0.1:9000/} if missing.
 * Without a server the message waits in the queue for ten seconds and then ends {@code NOT_SENT}.
 */
public final class EchoClient {
    private EchoClient() {}

    private static final class Printer implements SessionListener {
        @Override
        public void onMessage(Session session, Message message) {
            System.out.println("< " + message.text());
        }

        @Override
        public void onEvent(Session session, SessionEvent event) {
            System.out.println("= " + event);
        }
    }

    /** Sends, waits for the word that settles the send, and closes. */
    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "ws://127.0.0.1:9000/";
        Session session = EverwireClient.to(url).listen(new Printer());

        SendOptions options = SendOptions.DEFAULT.withTimeToLive(Duration.ofSeconds(10));
        Delivery delivery = session.send(Message.text("hello"), options)
                .toCompletableFuture()
                .join();
        System.out.println("hello: " + delivery);

        session.close();
        session.closed().toCompletableFuture().join();
    }
}
