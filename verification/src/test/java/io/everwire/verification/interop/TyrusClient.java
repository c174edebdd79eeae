package io.everwire.verification.interop;

import jakarta.websocket.ClientEndpointConfig;
import java.net.URI;
import org.glassfish.tyrus.client.ClientManager;
import org.jspecify.annotations.Nullable;

/** Tyrus, the reference implementation of Jakarta WebSocket, on the JDK's asynchronous channels. */
final class TyrusClient extends PeerClient {
    private @Nullable ClientManager manager;

    TyrusClient() {
        super("Tyrus", Wire.WS, Skill.DIE);
    }

    @Override
    void require() {
        // A dependency of these tests.
    }

    @Override
    String version() {
        return jarVersion(ClientManager.class);
    }

    @Override
    void dial(String url) throws Exception {
        if (manager == null) {
            manager = ClientManager.createClient("org.glassfish.tyrus.container.jdk.client.JdkClientContainer");
        }
        ClientEndpointConfig config = ClientEndpointConfig.Builder.create()
                .preferredSubprotocols(Orders.OFFERED)
                .build();
        manager.asyncConnectToServer(new JakartaEndpoint(this), config, URI.create(url));
    }

    /** Its connections were closed before: a shutdown leaves them open, and answers the next ping with 1011. */
    @Override
    void kill() {
        if (manager != null) {
            manager.shutdown();
            manager = null;
        }
    }
}
