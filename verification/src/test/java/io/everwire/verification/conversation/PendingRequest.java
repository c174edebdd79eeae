package io.everwire.verification.conversation;

import io.everwire.ConnectRequest;
import io.everwire.ReconnectPolicy;
import io.everwire.RequestSupplier;
import io.everwire.client.EverwireClient;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A client that does not know yet where to dial: everything it sends has to wait. */
final class PendingRequest implements RequestSupplier {
    private final CompletableFuture<ConnectRequest> request = new CompletableFuture<>();

    @Override
    public CompletionStage<ConnectRequest> request(Attempt attempt) {
        return request;
    }

    EverwireClient.Builder client() {
        return EverwireClient.to(ConnectRequest.to("ws://127.0.0.1:1/"), this)
                .reconnect(ReconnectPolicy.DEFAULT.withTimeouts(Duration.ofMinutes(1), Duration.ofSeconds(10)));
    }

    void supply(int port) {
        request.complete(ConnectRequest.to(Opened.url(port)));
    }
}
