package io.everwire.examples;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs the example that needs Java 21. */
@Timeout(60)
class BlockingClientTest {
    @Test
    void blockingClientIsAnsweredOnVirtualThreads() throws Exception {
        try (RunningExample client = RunningExample.start(BlockingClient.class)) {
            client.awaitLine("you said one");
            client.awaitLine("you said three");
            client.awaitEnd();
        }
    }
}
