package io.everwire.verification.laboratory;

import io.everwire.client.EverwireClient;
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
                .sessions(policy())
                .listen(this);
    }
}
