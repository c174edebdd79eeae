package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CloseCode;
import io.everwire.Limits;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What a client writes, byte by byte: the Autobahn suite looks at frames, but not at their keys nor at the end of TCP. */
class ClientFramesTest {
    private static final int MASKED = 0x80;
    private static final int MESSAGES = 200;

    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener client = new RecordingListener();

    /** RFC 6455 §5.3: "The masking key needs to be unpredictable", and is drawn anew for each frame. */
    @Test
    void masksEveryFrameWithAKeyOfItsOwn() throws Exception {
        CompletableFuture<byte[]> written = new CompletableFuture<>();
        RawServer raw = opened.add(new RawServer((peer, number) -> {
            peer.upgrade();
            written.complete(peer.readAll().getBytes(StandardCharsets.ISO_8859_1));
        }));
        Limits soonOver = Limits.DEFAULT.withTimeouts(Duration.ofSeconds(10), Duration.ofMillis(300), Patience.LIMIT);
        Session session = opened.connect(EverwireClient.to(raw.url()).limits(soonOver), client);
        client.await(SessionEvent.Ready.class);
        for (int i = 0; i < MESSAGES; i++) {
            session.trySend(Message.text("same"));
        }
        session.close();

        byte[] bytes = Patience.of(written);
        Set<String> keys = new HashSet<>();
        int frames = 0;
        for (int at = 0; at < bytes.length; frames++) {
            int second = bytes[at + 1] & 0xFF;
            assertThat(second & MASKED).as("frame %s is masked", frames).isEqualTo(MASKED);
            int length = second & 0x7F;
            assertThat(length).as("all frames are small").isLessThan(126);
            keys.add(new String(bytes, at + 2, 4, StandardCharsets.ISO_8859_1));
            at += 6 + length;
        }
        assertThat(frames).isGreaterThan(MESSAGES);
        // Four random bytes may come twice, but hardly ever.
        assertThat(keys).hasSizeGreaterThan(frames - 3);
    }

    /** RFC 6455 §7.1.7: the close frame goes out first, and no reset may destroy it on its way. */
    @Test
    void bringsItsCloseFrameThroughThoughMoreArrivesThanItReads() throws Exception {
        CompletableFuture<Frame> close = new CompletableFuture<>();
        CompletableFuture<String> rest = new CompletableFuture<>();
        RawServer raw = opened.add(new RawServer((peer, number) -> {
            peer.upgrade();
            ByteArrayOutputStream wrong = new ByteArrayOutputStream();
            wrong.writeBytes(peer.bytes(new Frame(true, 3, new byte[0])));
            wrong.writeBytes(new byte[256 << 10]);
            peer.write(wrong.toByteArray());
            close.complete(peer.read());
            rest.complete(peer.readAll());
        }));
        opened.connect(EverwireClient.to(raw.url()), client);

        assertThat(Patience.of(close).opcode()).isEqualTo(Frame.CLOSE);
        assertThat(Patience.of(close).payload()).startsWith(CloseCode.PROTOCOL_ERROR >> 8, CloseCode.PROTOCOL_ERROR);
        assertThat(Patience.of(rest)).as("nothing follows the close frame").isEmpty();
        assertThat(client.await(SessionEvent.Closed.class).status().code()).isEqualTo(CloseCode.PROTOCOL_ERROR);
    }
}
