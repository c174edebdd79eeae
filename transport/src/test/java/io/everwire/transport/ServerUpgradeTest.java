package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Limits;
import io.everwire.StormPolicy;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The opening handshake where its moments can be told apart, which a network does not allow. */
class ServerUpgradeTest {
    private static final String REQUEST = String.join(
            "\r\n",
            "GET / HTTP/1.1",
            "Host: a",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            "",
            "");

    private final List<EmbeddedChannel> accepted = new ArrayList<>();
    private final CompletableFuture<Admission.Answer> answer = new CompletableFuture<>();
    private final Entrance entrance = new Entrance(
            new Entrance.Rules(
                    Limits.DEFAULT, OriginPolicy.any(), List.of(), 10, 10, 1, null, StormPolicy.DEFAULT, null),
            (asked, offered) -> answer);

    @AfterEach
    void hangUp() {
        accepted.forEach(channel -> channel.close());
        assertThat(entrance.connections()).isZero();
    }

    private EmbeddedChannel accept() {
        EmbeddedChannel channel = new EmbeddedChannel() {
            @Override
            protected SocketAddress remoteAddress0() {
                return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
            }
        };
        accepted.add(channel);
        ServerUpgrade.install(channel, EventLoops.shared(), entrance, null);
        return channel;
    }

    private static void receive(EmbeddedChannel channel, String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    @Test
    void sparesOneWhoseRequestCameWhileItWasToLeave() {
        EmbeddedChannel older = accept();
        receive(older, "GET");
        // The newer one takes its place; what hangs up on it is a task that has not run when its request comes.
        accept();
        receive(older, REQUEST.substring(3));
        assertThat(older.isOpen()).isTrue();

        EmbeddedChannel slow = accept();
        accept();
        slow.runPendingTasks();
        assertThat(slow.isOpen()).as("what it has sent may not be read yet").isTrue();
        slow.advanceTimeBy(1, TimeUnit.SECONDS);
        slow.runPendingTasks();
        slow.runPendingTasks();
        assertThat(slow.isOpen()).as("it has not sent any").isFalse();
    }

    @Test
    void holdsNoMoreOfOneWhoSendsByteByByte() {
        EmbeddedChannel channel = accept();
        receive(channel, REQUEST);
        for (int i = 0; i < 1_000 && channel.config().isAutoRead(); i++) {
            receive(channel, "x");
        }
        assertThat(channel.config().isAutoRead()).as("it is read on").isFalse();
    }
}
