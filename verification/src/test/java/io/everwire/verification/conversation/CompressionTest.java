package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.CompressionPolicy;
import io.everwire.Delivery;
import io.everwire.Failure;
import io.everwire.Limits;
import io.everwire.Message;
import io.everwire.ReconnectPolicy;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.server.Group;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** permessage-deflate (RFC 7692) over real connections, with what passes on the wire looked at. */
public class CompressionTest {
    private static final int RSV1 = 0x40;
    private static final CompressionPolicy KEEPING = CompressionPolicy.DEFAULT.withContext(true, true);
    private static final String PROSE = "the session survives what the connection does not, and nothing is lost; ";

    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener client = new RecordingListener();
    private final Echo echo = new Echo();

    private EverwireServer serve(@Nullable CompressionPolicy policy) {
        EverwireServer.Builder builder = EverwireServer.builder().listen("/", echo);
        return opened.serve(policy == null ? builder : builder.compression(policy));
    }

    private Tap tap(EverwireServer server) throws IOException {
        return opened.add(new Tap(server.port()));
    }

    private static @Nullable String extension(@Nullable Session session) {
        return Objects.requireNonNull(Objects.requireNonNull(session).handshake())
                .extension();
    }

    private static byte[] noise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(bytes).nextBytes(noise);
        return noise;
    }

    /** Returns the first opcodes of the messages that passed, with their reserved bits. */
    private static List<Integer> openings(Tap.Stream stream) {
        return stream.spans().stream()
                .map(span -> span.frame().opcode())
                .filter(opcode -> (opcode != Frame.CONTINUATION && opcode < Frame.CLOSE) || opcode >= RSV1)
                .toList();
    }

    // ---- agreeing ----

    @Test
    void agreesAtBothEndsAndCompressesBothWays() throws Exception {
        EverwireServer server = serve(CompressionPolicy.DEFAULT);
        Tap tap = tap(server);
        Session session =
                opened.connect(EverwireClient.to(Opened.url(tap.port())).compression(), client);
        client.await(SessionEvent.Ready.class);
        assertThat(extension(session))
                .isEqualTo("permessage-deflate; server_no_context_takeover; client_no_context_takeover")
                .isEqualTo(extension(echo.session()));
        assertThat(String.valueOf(session.handshake())).contains("permessage-deflate");

        Message message = Message.text(PROSE.repeat(20));
        assertThat(Patience.of(session.send(message))).isEqualTo(Delivery.CONFIRMED);
        assertThat(client.next()).isEqualTo(message);

        Tap.Recording wire = tap.recordings().get(0);
        for (Tap.Stream stream : List.of(wire.up(), wire.down())) {
            assertThat(openings(stream)).containsExactly(RSV1 | Frame.TEXT);
            assertThat(stream.data()).isEmpty();
            assertThat(stream.spans().get(0).frame().payload().length).isLessThan(200);
        }
    }

    @Test
    void staysUncompressedWhenEitherEndIsLeftAsItIs() throws Exception {
        EverwireServer off = serve(null);
        EverwireServer on = serve(KEEPING);
        Session offering =
                opened.connect(EverwireClient.to(Opened.url(off.port())).compression(), client);
        RecordingListener second = new RecordingListener();
        Session silent = opened.connect(on, second);
        assertPlain(offering, client);
        assertPlain(silent, second);
    }

    private static void assertPlain(Session session, RecordingListener heard) {
        heard.await(SessionEvent.Ready.class);
        assertThat(extension(session)).isNull();
        session.trySend(Message.text(PROSE.repeat(20)));
        assertThat(heard.next().text()).isEqualTo(PROSE.repeat(20));
    }

    @ParameterizedTest
    @CsvSource({
        "permessage-deflate, 101",
        "permessage-deflate; server_max_window_bits=7, 101",
        "permessage-deflate; server_max_window_bits=, 400",
        "permessage-deflate;, 400"
    })
    void answersAnOfferThatIsNoneAndFailsOneThatIsNoHeader(String offer, int status) throws Exception {
        EverwireServer server = serve(KEEPING);
        try (RawPeer peer = RawPeer.dial(server.port())) {
            peer.write("GET / HTTP/1.1\r\n" + RawPeer.HEADERS + "Sec-WebSocket-Extensions: " + offer + "\r\n\r\n");
            String head = peer.readHead();
            assertThat(head).startsWith("HTTP/1.1 " + status + " ");
            if (offer.equals("permessage-deflate")) {
                assertThat(head).containsIgnoringCase("sec-websocket-extensions: permessage-deflate\r\n");
            } else {
                assertThat(head).doesNotContainIgnoringCase("sec-websocket-extensions:");
            }
            if (status == 400) {
                assertThat(peer.readAll()).contains("RFC 6455 section 9.1");
            }
        }
    }

    @Test
    void offersWhatItWantsAndFailsOnAResponseThatIsNoAnswerToIt() throws Exception {
        CompletableFuture<String> asked = new CompletableFuture<>();
        RawServer server = opened.add(new RawServer((peer, number) -> {
            String request = peer.readHead();
            asked.complete(request);
            peer.write(RawPeer.answerTo(request)
                    + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=6\r\n\r\n");
            peer.readAll();
        }));
        Session session = opened.connect(
                EverwireClient.to(server.url()).compression(KEEPING).reconnect(ReconnectPolicy.never()), client);
        Failure cause = Patience.of(session.closed()).cause();
        assertThat(cause.kind()).isEqualTo(Failure.Kind.BAD_HANDSHAKE);
        assertThat(cause.message()).contains("server_max_window_bits=6").contains("RFC 7692");
        assertThat(Patience.of(asked))
                .containsIgnoringCase("\r\nsec-websocket-extensions: permessage-deflate; client_max_window_bits\r\n");
    }

    // ---- messages ----

    @ParameterizedTest
    @CsvSource({"true, 15", "false, 15", "true, 10", "false, 8"})
    void echoesMessagesOfEveryKindAndSize(boolean keepsContext, int windowBits) throws Exception {
        CompressionPolicy policy = CompressionPolicy.DEFAULT
                .withContext(keepsContext, keepsContext)
                .withWindowBits(windowBits, windowBits)
                .withLevel(keepsContext ? 1 : 9);
        Limits limits = Limits.DEFAULT.withQueue(8 << 20, 1_000);
        EverwireServer server = opened.serve(
                EverwireServer.builder().limits(limits).compression(policy).listen("/", echo));
        Session session = opened.connect(
                EverwireClient.to(Opened.url(server.port())).limits(limits).compression(policy), client);
        List<Message> messages = List.of(
                Message.text(""),
                Message.binary(),
                Message.text("short"),
                Message.text(PROSE.repeat(4)),
                Message.text("\ud83d\ude00".repeat(5_000)),
                Message.binary(noise(3_000)),
                Message.text(PROSE.repeat(200)),
                Message.binary(noise(200_000)),
                Message.binary(new byte[1 << 20]),
                Message.text(PROSE.repeat((1 << 20) / PROSE.length())),
                Message.text("last"));
        messages.forEach(session::trySend);
        for (Message message : messages) {
            assertThat(client.next()).isEqualTo(message);
        }
        for (Message message : messages) {
            assertThat(Patience.of(session.send(message))).isEqualTo(Delivery.CONFIRMED);
            assertThat(client.next()).isEqualTo(message);
        }
    }

    @Test
    void leavesShortAndIncompressibleMessagesAsTheyAre() throws Exception {
        EverwireServer server = serve(KEEPING.withThresholdBytes(100));
        Tap tap = tap(server);
        Session session = opened.connect(
                EverwireClient.to(Opened.url(tap.port())).compression(KEEPING.withThresholdBytes(100)), client);
        for (Message message : List.of(
                Message.text("x".repeat(99)),
                Message.text("x".repeat(100)),
                Message.binary(noise(5_000)),
                Message.text("y".repeat(40_000)))) {
            session.trySend(message);
            assertThat(client.next()).isEqualTo(message);
        }
        for (Tap.Stream stream :
                List.of(tap.recordings().get(0).up(), tap.recordings().get(0).down())) {
            assertThat(openings(stream))
                    .containsExactly(Frame.TEXT, RSV1 | Frame.TEXT, Frame.BINARY, RSV1 | Frame.TEXT);
        }
    }

    @Test
    void marksOnlyTheFirstFrameOfALargeMessageAndLetsPingsPassBetween() throws Exception {
        EverwireServer server = serve(KEEPING);
        try (RawPeer peer = compressedPeer(server, "")) {
            Message half = Message.binary(halfNoise(200_000));
            echo.session().trySend(half);
            List<Frame> frames = new ArrayList<>();
            Frame frame = peer.read();
            for (; !frame.isLast() || frame.opcode() == Frame.PING; frame = peer.read()) {
                if (frame.opcode() != Frame.PING) {
                    frames.add(frame);
                }
            }
            frames.add(frame);
            assertThat(frames).hasSizeBetween(4, 12);
            assertThat(frames.get(0).opcode()).isEqualTo(RSV1 | Frame.BINARY);
            assertThat(frames.subList(1, frames.size()))
                    .allSatisfy(next -> assertThat(next.opcode()).isEqualTo(Frame.CONTINUATION));
            assertThat(frames)
                    .allSatisfy(next -> assertThat(next.payload().length).isLessThanOrEqualTo(16 << 10));
            ByteArrayOutputStream compressed = new ByteArrayOutputStream();
            for (Frame each : frames) {
                compressed.writeBytes(each.payload());
            }
            assertThat(inflate(compressed.toByteArray())).isEqualTo(halfNoise(200_000));
        }
    }

    private static byte[] halfNoise(int bytes) {
        byte[] half = noise(bytes);
        for (int i = 0; i < bytes; i++) {
            half[i] = (byte) (half[i] & 0x0f);
        }
        return half;
    }

    @Test
    void readsFragmentsOfACompressedMessageWithAPingBetween() throws Exception {
        EverwireServer server = serve(KEEPING);
        try (RawPeer peer = compressedPeer(server, "")) {
            byte[] compressed = deflate(PROSE.repeat(3).getBytes(StandardCharsets.UTF_8));
            peer.write(
                    new Frame(false, RSV1 | Frame.TEXT, Arrays.copyOf(compressed, 10)),
                    Frame.ping("between"),
                    new Frame(false, Frame.CONTINUATION, new byte[0]),
                    new Frame(true, Frame.CONTINUATION, Arrays.copyOfRange(compressed, 10, compressed.length)));
            assertThat(peer.read(Frame.PONG).text()).isEqualTo("between");
            // Shorter than the threshold, so it comes back as it is.
            assertThat(peer.read(Frame.TEXT).text()).isEqualTo(PROSE.repeat(3));
            peer.write(new Frame(true, RSV1 | Frame.BINARY, new byte[1]));
            assertThat(peer.read(Frame.BINARY).payload()).isEmpty();
        }
    }

    /** Connects by hand and agrees on permessage-deflate with these parameters. */
    public static RawPeer compressedPeer(EverwireServer server, String parameters) throws IOException {
        RawPeer peer = RawPeer.dial(server.port());
        peer.write("GET / HTTP/1.1\r\n" + RawPeer.HEADERS + "Sec-WebSocket-Extensions: permessage-deflate" + parameters
                + "\r\n\r\n");
        assertThat(peer.readHead()).containsIgnoringCase("\r\nsec-websocket-extensions: permessage-deflate");
        return peer;
    }

    /** Compresses as another implementation would. */
    public static byte[] deflate(byte[] message) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(message);
        byte[] buffer = new byte[message.length + 1_024];
        int bytes = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(buffer, bytes - 4);
    }

    private static byte[] inflate(byte[] compressed) throws DataFormatException {
        byte[] whole = Arrays.copyOf(compressed, compressed.length + 4);
        whole[compressed.length + 2] = whole[compressed.length + 3] = (byte) 0xff;
        Inflater inflater = new Inflater(true);
        inflater.setInput(whole);
        byte[] buffer = new byte[4 << 20];
        int bytes = inflater.inflate(buffer);
        inflater.end();
        return Arrays.copyOf(buffer, bytes);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void broadcastsToMembersThatCompressInTheirOwnWaysAndToThoseThatDoNot(boolean keepsContext) throws Exception {
        Group group = new Group();
        RecordingListener members = new RecordingListener() {
            @Override
            public void onEvent(Session session, SessionEvent event) {
                if (event instanceof SessionEvent.Ready) {
                    group.add(session);
                }
                super.onEvent(session, event);
            }
        };
        EverwireServer server = opened.serve(EverwireServer.builder()
                .compression(CompressionPolicy.DEFAULT.withContext(keepsContext, false))
                .listen("/", members));
        List<RecordingListener> clients = new ArrayList<>();
        List<CompressionPolicy> policies = List.of(
                CompressionPolicy.DEFAULT,
                KEEPING,
                KEEPING.withWindowBits(15, 9),
                KEEPING,
                CompressionPolicy.DEFAULT.withWindowBits(9, 12));
        Tap tap = tap(server);
        for (int i = 0; i < 12; i++) {
            RecordingListener member = new RecordingListener();
            EverwireClient.Builder builder = EverwireClient.to(Opened.url(tap.port()));
            opened.connect(i < 10 ? builder.compression(policies.get(i % policies.size())) : builder, member);
            member.await(SessionEvent.Ready.class);
            clients.add(member);
        }
        Patience.until("all are members", () -> group.size() == 12);
        List<Message> news = List.of(
                Message.text(PROSE.repeat(10)),
                Message.text("short"),
                Message.text(PROSE.repeat(10)),
                Message.binary(halfNoise(150_000)),
                Message.binary(noise(20_000)),
                Message.text(PROSE.repeat(10)));
        for (Message message : news) {
            assertThat(group.broadcast(message)).isEqualTo(12);
        }
        for (RecordingListener member : clients) {
            for (Message message : news) {
                assertThat(member.next()).isEqualTo(message);
            }
        }
        for (int i = 0; i < 12; i++) {
            List<Integer> openings = openings(tap.recordings().get(i).down());
            assertThat(openings.stream().filter(opcode -> opcode >= RSV1).count())
                    .as("compressed to member %d", i)
                    .isEqualTo(i < 10 ? 4 : 0);
        }
    }

    // ---- sessions ----

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void replaysIntoAResumedConnectionWhatWasCompressedOnTheOneBefore(boolean keepsContext) throws Exception {
        RecordingListener service = new RecordingListener();
        CompressionPolicy policy = CompressionPolicy.DEFAULT.withContext(keepsContext, keepsContext);
        EverwireServer server = opened.serve(EverwireServer.builder()
                .sessions(ResumePolicy.DEFAULT)
                .compression(policy)
                .listen("/", service));
        Tap tap = tap(server);
        Session session = opened.connect(
                EverwireClient.to(Opened.url(tap.port())).sessions().compression(policy), client);
        client.await(SessionEvent.Ready.class);
        int sent = 0;
        for (int round = 0; round < 4; round++) {
            List<Message> messages = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                messages.add(Message.text(sent++ + " " + PROSE.repeat(1 + i * 3)));
            }
            messages.add(Message.text("\0" + PROSE.repeat(30)));
            messages.add(Message.binary(noise(1_000)));
            messages.forEach(session::send);
            messages.forEach(service.session()::send);
            // In the middle of it, whatever of it has passed.
            tap.cut();
            for (RecordingListener each : List.of(client, service)) {
                for (Message message : messages) {
                    assertThat(each.next()).isEqualTo(message);
                }
            }
        }
        assertThat(client.all(SessionEvent.SessionLost.class)).isEmpty();
        assertThat(client.await(SessionEvent.Resumed.class, 1)).isNotEmpty();
        assertThat(extension(session)).startsWith("permessage-deflate");
        assertThat(tap.recordings()).hasSizeGreaterThan(1);
        assertThat(openings(tap.recordings().get(tap.recordings().size() - 1).down()))
                .contains(RSV1 | Frame.TEXT);
    }
}
