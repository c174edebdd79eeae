package io.everwire.verification.laboratory;

import io.everwire.Backoff;
import io.everwire.ReconnectPolicy;
import io.everwire.client.EverwireClient;
import java.time.Duration;
import java.util.Map;

/** The client's end: one session for as long as the program runs. */
final class ScribeClient extends Scribe {
    ScribeClient(Map<String, String> settings) {
        super(settings);
    }

    @Override
    void begin() {
        EverwireClient.to("ws://" + Laboratory.SERVER_ADDRESS + ":" + Laboratory.PORT + "/")
                .liveness(liveness())
                // The next cut is not long in coming; a client that grows patient would sleep through it.
                .reconnect(ReconnectPolicy.DEFAULT
                        .withBackoff(Backoff.fixed(Duration.ofMillis(200)))
                        .withBudgets(10_000, 10_000))
                .sessions(policy())
                .listen(this);
    }
}
