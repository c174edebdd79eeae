package io.everwire.examples;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.MessageView;
import io.everwire.Session;
import io.everwire.SessionListener;
import io.everwire.server.EverwireServer;
import java.io.IOException;

/** Shows a server that sends every message back, without copying it. Argument: the port, 9000 if missing, 0 for a free one. */
public final class EchoServer {
    private EchoServer() {}

    private static final class Echo implements SessionListener {
        @Override
        public void onView(Session session, MessageView view) {
            boolean isTaken = session.trySend(view);
            if (!isTaken) {
                session.close(new CloseStatus(CloseCode.TRY_AGAIN_LATER, "you send faster than you read"));
            }
        }
    }

    /** Serves until Enter is pressed or the input ends. */
    public static void main(String[] args) throws IOException {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 9000;
        EverwireServer server =
                EverwireServer.builder().port(port).listen("/", new Echo()).start();
        System.out.println("listening on ws://127.0.0.1:" + server.port() + "/, until you press Enter");

        int ignored = System.in.read();
        server.close();
        server.stopped().toCompletableFuture().join();
        System.out.println("stopped");
    }
}
