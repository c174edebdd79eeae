package io.everwire.verification.laboratory;

import io.everwire.server.EverwireServer;
import io.everwire.store.file.FileStore;
import java.nio.file.Path;
import java.util.Map;

/** The server's end: sessions in memory, or in a directory, where the next life of the program finds them. */
final class ScribeServer extends Scribe {
    ScribeServer(Map<String, String> settings) {
        super(settings);
    }

    @Override
    void begin() {
        EverwireServer.Builder builder = EverwireServer.builder()
                .host("0.0.0.0")
                .port(Laboratory.PORT)
                .liveness(liveness())
                .listen("/", this);
        String store = setting("store");
        if (store.equals("memory")) {
            builder.sessions(policy());
        } else {
            builder.sessions(policy(), FileStore.open(Path.of(store)));
        }
        print("listening", "\"port\":" + builder.start().port());
    }
}
