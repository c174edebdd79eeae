package io.everwire.examples;

import io.everwire.Delivery;
import io.everwire.Message;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import io.everwire.faults.Reset;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.server.EverwireServer;
import java.util.concurrent.CompletionStage;

/** Shows a session that outlives its connections: the cable is cut while messages are on their way, and each arrives once. */
public final class KeptSession {
    private KeptSession() {}

    private static final class Teller implements SessionListener {
        private final String name;

        Teller(String name) {
            this.name = name;
        }

        @Override
        public void onMessage(Session session, Message message) {
            System.out.println(name + " was given number " + message.number() + ": " + message.text());
        }

        @Override
        public void onEvent(Session session, SessionEvent event) {
            System.out.println(name + ": " + event);
        }
    }

    /** Sends before, during and after an outage. */
    public static void main(String[] args) {
        try (EverwireServer server = EverwireServer.builder()
                        .sessions(ResumePolicy.DEFAULT)
                        .listen("/", new Teller("server"))
                        .start();
                FaultProxy cable =
                        FaultProxy.listen(0).to("127.0.0.1", server.port()).start();
                Session session = EverwireClient.to("ws://127.0.0.1:" + cable.port() + "/")
                        .sessions()
                        .listen(new Teller("client"))) {
            System.out.println(
                    "one: " + session.send("one").toCompletableFuture().join());
            cable.apply(new Reset());
            CompletionStage<Delivery> two = session.send("two");
            cable.heal();
            System.out.println("two: " + two.toCompletableFuture().join());
        }
    }
}
