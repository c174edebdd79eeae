package io.everwire.server;

import io.everwire.CompressionPolicy;
import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.transport.Admission;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Lets in who asks for a path that is served, and whom the application's authenticator knows. */
record Doorkeeper(
        Map<String, Route> routes,
        Limits limits,
        LivenessPolicy liveness,
        @Nullable CompressionPolicy compression,
        @Nullable Authenticator authenticator,
        @Nullable SubprotocolChoice choice,
        Entry entry)
        implements Admission {

    @Override
    public CompletionStage<Answer> judge(Handshake asked, List<String> offered) {
        // Paths are compared as they came: what means the same when decoded or shortened is another path, and is not
        // served.
        Route route = routes.get(asked.path());
        if (route == null) {
            return CompletableFuture.completedStage(Answer.refuse(404, "nothing is served on this path", Map.of()));
        }
        if (authenticator == null) {
            return CompletableFuture.completedStage(accept(route, asked, offered, asked.principal()));
        }
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        CompletionStage<Authentication> stage = authenticator.authenticate(asked);
        stage.whenComplete((authentication, error) -> {
            try {
                if (error != null) {
                    answer.completeExceptionally(
                            error instanceof CompletionException wrapped && wrapped.getCause() != null
                                    ? wrapped.getCause()
                                    : error);
                } else {
                    answer.complete(
                            authentication.isGranted()
                                    ? accept(route, asked, offered, authentication.principal())
                                    : Answer.refuse(
                                            authentication.status(),
                                            authentication.reason(),
                                            authentication.headers()));
                }
            } catch (Throwable e) {
                // Nobody else would hear of it, and the client would wait for the time-out.
                answer.completeExceptionally(e);
            }
        });
        answer.whenComplete((done, error) -> {
            if (answer.isCancelled()) {
                stage.toCompletableFuture().cancel(true);
            }
        });
        return answer;
    }

    private Answer accept(Route route, Handshake asked, List<String> offered, @Nullable Principal principal) {
        String subprotocol = route.choose(offered);
        if (choice != null) {
            Handshake known = new Handshake(
                    asked.path(),
                    asked.query(),
                    asked.headers(),
                    asked.remoteAddress(),
                    null,
                    asked.peerAddress(),
                    principal,
                    null);
            subprotocol = choice.choose(offered, known);
            if (subprotocol != null && !offered.contains(subprotocol)) {
                throw new IllegalStateException("the chosen subprotocol was not offered; choose one of those or null");
            }
        }
        return Answer.accept(
                handshake -> route.config(handshake, limits, liveness, compression), subprotocol, principal, entry);
    }
}
