package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.Handshake;
import io.everwire.ReconnectPolicy;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A client that is redirected during the opening handshake. */
class RedirectionTest {
    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener client = new RecordingListener();
    private final RecordingListener welcomed = new RecordingListener();

    private RawServer redirecting(String location) throws Exception {
        return opened.add(new RawServer((peer, number) -> {
            peer.readHead();
            peer.write("HTTP/1.1 307 Temporary Redirect\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n");
            peer.readAll();
        }));
    }

    @DisplayName("RED-01: a redirect to another origin")
    @Test
    void followsToAnotherOriginWithoutCredentials() throws Exception {
        EverwireServer target = opened.serve(welcomed);
        RawServer first = redirecting("http://127.0.0.1:" + target.port() + "/");

        opened.connect(
                EverwireClient.to(ConnectRequest.to("ws://127.0.0.1:" + first.port() + "/")
                        .withHeader("Authorization", "Bearer secret")
                        .withHeader("X-Own", "1")),
                client);
        client.await(SessionEvent.Ready.class);

        Handshake seen = welcomed.await(SessionEvent.Open.class).handshake();
        assertThat(seen.header("authorization")).isNull();
        assertThat(seen.header("x-own")).isEqualTo("1");
        assertThat(client.all(SessionEvent.Waiting.class)).isEmpty();
    }

    @DisplayName("RED-01: redirects without end")
    @Test
    void givesUpASixthRedirectInOneAttempt() throws Exception {
        RawServer loop = redirecting("/again");

        opened.connect(
                EverwireClient.to("ws://127.0.0.1:" + loop.port() + "/").reconnect(ReconnectPolicy.never()), client);
        Failure cause = client.await(SessionEvent.Closed.class).cause();

        assertThat(cause.httpStatus()).isEqualTo(307);
        assertThat(cause.message()).contains("5 are followed");
        assertThat(loop.accepted()).isEqualTo(6);
    }
}
