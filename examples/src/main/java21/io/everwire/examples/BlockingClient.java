package io.everwire.examples;

import io.everwire.Message;
import io.everwire.Session;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Shows the blocking style, which is at home on virtual threads: no listener, one thread a session, at both ends. */
public final class BlockingClient {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private BlockingClient() {}

    /** The other end: answers until the session is closed. */
    private static void answer(Session session) throws InterruptedException {
        for (Message question : session) {
            session.awaitSend(Message.text("you said " + question.text()), PATIENCE);
        }
    }

    /** Asks three questions, and waits for the answer to each. */
    public static void main(String[] args) throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                EverwireServer server = EverwireServer.builder()
                        .handle("/", threads, BlockingClient::answer)
                        .start();
                Session session = EverwireClient.to("ws://127.0.0.1:" + server.port() + "/")
                        .open()) {
            for (String question : new String[] {"one", "two", "three"}) {
                session.awaitSend(Message.text(question), PATIENCE);
                Message answer = session.receive(PATIENCE);
                System.out.println(answer == null ? "no answer" : answer.text());
            }
        }
    }
}
