package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.ConnectRequest;
import io.everwire.Failure;
import io.everwire.Handshake;
import io.everwire.Limits;
import io.everwire.StormPolicy;
import io.everwire.protocol.OpeningHandshake;
import io.everwire.session.UpgradeStep;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Whatever is sent instead of an opening handshake: one judgement, the same however it is cut, at a bounded cost. */
class HandshakeFuzzTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final Pattern SENT_KEY = Pattern.compile("(?i)\r\nsec-websocket-key: (\\S+)\r\n");
    /** What an opening handshake may hold in the decoder, and the read that is being decoded. */
    private static final int MOST_HELD = 96 << 10;

    private static final List<String> OFFERED = List.of("v1", "v2");
    private static final String[] NAMES = {
        "Host",
        "Upgrade",
        "Connection",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions",
        "Sec-WebSocket-Accept",
        "Content-Length",
        "Transfer-Encoding",
        "X-Any",
        "Cookie",
        "Location",
        "Retry-After",
        "",
        "Up grade",
        "Upgrade ",
        "\u0000",
        "Hos\u00e9t",
        "Expect",
        "HTTP2-Settings"
    };
    private static final String[] VALUES = {
        "",
        " ",
        "websocket",
        "WebSocket",
        "h2c, websocket",
        "h2c",
        "Upgrade",
        "keep-alive, Upgrade",
        "close",
        "13",
        "7",
        "8",
        "0",
        "013",
        "13, 13",
        "5",
        "00",
        "-1",
        "+5",
        "10737418240",
        "99999999999999999999",
        "chunked",
        "identity",
        "v1",
        "v2",
        "v1, v2",
        "v1,v1",
        "a b",
        ",",
        "permessage-deflate",
        KEY,
        KEY + "=",
        "short",
        "\u0000",
        "a\u0000b",
        "\u007f",
        "\u00e9",
        "a\rb",
        "\t",
        "\"websocket\"",
        "100-continue",
        "x".repeat(300),
        "y".repeat(8_150),
        "z".repeat(8_190),
        "w".repeat(9_000),
        "websocket\u0000",
        "websocket;q=1",
        "127.0.0.1"
    };
    private static final String[] ENDS = {"\n", "\r", "\r\r\n", "\r\n ", "\r\n\t", "\n\n", "", "\u0085"};
    private static final String[] REQUESTS = {
        "POST / HTTP/1.1", "GET / HTTP/1.0", "GET / HTTP/2.0", "GET / HTTP/9.9", "GET /", "GET  / HTTP/1.1",
        "GET / HTTP/1.1 ", " GET / HTTP/1.1", "get / HTTP/1.1", "GET / HTTPS/1.1", "GET http://h/ HTTP/1.1",
                "GET * HTTP/1.1",
        "GET / HTTP/1.11", "GET / HTTP/-1.1", "", "PRI * HTTP/2.0", "GET /%00 HTTP/1.1", "GET /a b HTTP/1.1",
        "CONNECT h:1 HTTP/1.1", "\u0016\u0003\u0001", "GET /" + "p".repeat(8_180) + " HTTP/1.1"
    };
    private static final String[] RESPONSES = {
        "HTTP/1.1 200 OK",
        "HTTP/1.1 101",
        "HTTP/1.0 101 Switching",
        "HTTP/1.1 1010 Switching",
        "HTTP/1.1 0101 X",
        "HTTP/1.1 +101 X",
        "HTTP/1.1 -101 X",
        "HTTP/1.1 101.0 X",
        "HTTP/1.1  101 X",
        "HTTP/2 101 X",
        "HTTP/1.1 100 Continue",
        "HTTP/1.1 302 Found",
        "HTTP/1.1 99999999999 X",
        "HTTP/1.1 abc",
        "ICY 101 OK",
        "",
        "HTTP/1.1 426 Upgrade Required",
        "HTTP/1.1 503 Busy",
        "101",
        "HTTP/1.1 204 None",
        "HTTP/1.1 \u0661\u0660\u0661 X",
        "HTTP/1.1 101 " + "r".repeat(8_180)
    };

    @AutoClose
    private final EventLoops loops = EventLoops.create(1);

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);

    /** A channel that has a remote address, as a real one has. */
    private final class Line extends EmbeddedChannel {
        private final InetSocketAddress remote = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

        Line() {
            config().setAllocator(allocator);
        }

        @Override
        protected SocketAddress remoteAddress0() {
            return remote;
        }

        /** Reads what was written so far. */
        String written() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (ByteBuf part = readOutbound(); part != null; part = readOutbound()) {
                byte[] bytes = new byte[part.readableBytes()];
                part.readBytes(bytes);
                all.writeBytes(bytes);
                part.release();
            }
            return all.toString(StandardCharsets.ISO_8859_1);
        }

        /** Hands over bytes in pieces of random length, and looks after each what is held. */
        void receive(byte[] bytes, int most, Random random) {
            for (int at = 0; at < bytes.length && isOpen(); ) {
                int end = Math.min(bytes.length, at + 1 + random.nextInt(most));
                writeInbound(allocator.buffer(end - at).writeBytes(bytes, at, end - at));
                at = end;
                long held = allocator.metric().usedHeapMemory();
                if (held > MOST_HELD) {
                    throw new AssertionError(held + " bytes are held after " + at + " of the opening handshake");
                }
            }
        }

        /** Closes, and checks that nothing went wrong unnoticed and nothing is held. */
        void end() {
            checkException();
            finishAndReleaseAll();
            checkException();
            assertThat(allocator.metric().usedHeapMemory())
                    .as("bytes held after the end")
                    .isZero();
        }
    }

    @DisplayName("HS-01, SMG-01, SMG-02: a server lets in what is right, and nothing else")
    @Test
    void aServerJudgesEveryRequestOnceAndTheSameHoweverItIsCut() {
        Seeds.run("the opening handshake of a SERVER", seed -> {
            Random random = new Random(seed);
            byte[] request = request(random);
            String answer = answer(request, request.length, random);
            assertThat(answer(request, 1 + random.nextInt(200), random))
                    .as("the answer to %s", printable(request))
                    .isEqualTo(answer);
            boolean isLetIn = answer.startsWith("HTTP/1.1 451 ");
            assertThat(isLetIn || !Heads.mustLetIn(request))
                    .as("%s is right, but the answer is %s", printable(request), answer)
                    .isTrue();
            assertThat(!isLetIn || Heads.mayLetIn(request))
                    .as("%s is not right, but is let in", printable(request))
                    .isTrue();
        });
    }

    /** Lets a server answer; "451" is the answer of an admission that was asked, and it is asked only when all is right. */
    private String answer(byte[] request, int most, Random random) {
        Line line = new Line();
        Entrance.Rules rules = new Entrance.Rules(
                Limits.DEFAULT,
                OriginPolicy.sameHost(),
                List.of(),
                1_000,
                1_000,
                1_000,
                null,
                StormPolicy.DEFAULT,
                null);
        Entrance entrance = new Entrance(
                rules,
                (handshake, subprotocols) -> CompletableFuture.completedFuture(
                        Admission.Answer.refuse(451, "all is right but the hour", Map.of())));
        ServerUpgrade.install(line, loops, entrance, null);
        line.receive(request, most, random);
        String answer = line.written();
        if (answer.isEmpty()) {
            assertThat(line.isOpen())
                    .as("%s goes on and is not hung up on", printable(request))
                    .isTrue();
        } else {
            assertThat(answer).matches("(?s)HTTP/1\\.1 (400|405|414|426|431|451) .*\r\n\r\n[ -~]{10,}\n");
        }
        line.end();
        return answer;
    }

    @DisplayName("SMG-03, LEN-04: a client takes 101 with the right proof, and nothing else")
    @Test
    void aClientJudgesEveryResponseOnceAndTheSameHoweverItIsCut() {
        Seeds.run("the opening handshake of a CLIENT", seed -> {
            byte[] template = response(new Random(seed));
            Random random = new Random(seed);
            Verdict atOnce = verdict(template, template.length, random);
            Verdict inPieces = verdict(template, 1 + random.nextInt(200), random);
            assertThat(inPieces.said())
                    .as("what is said of %s", printable(template))
                    .isEqualTo(atOnce.said());
            byte[] response = withAccept(template, "the right proof");
            boolean isOpen = atOnce.said().equals("[open]");
            assertThat(isOpen || !Heads.mustOpen(response, "the right proof", OFFERED))
                    .as("%s is right, but %s", printable(response), atOnce.said())
                    .isTrue();
            assertThat(!isOpen || Heads.mayOpen(response, "the right proof", OFFERED))
                    .as("%s is not right, but opens", printable(response))
                    .isTrue();
        });
    }

    /** Notes what a client makes of a response. */
    private static final class Verdict implements ClientUpgrade.Outcome {
        private final List<String> said = new ArrayList<>();

        @Override
        public void reached(UpgradeStep step) {}

        @Override
        public List<String> subprotocols() {
            return List.copyOf(OFFERED);
        }

        @Override
        public @Nullable Connection upgraded(Channel channel, Handshake handshake) {
            said.add("open");
            return null;
        }

        @Override
        public void failed(Failure failure) {
            // The proof is another one each time, and what is quoted may hold it, a status line's reason, too.
            String message = failure.message()
                    .replaceAll("\".*\"", "what was quoted")
                    .replaceAll("(the server answered \\d+) .*", "$1");
            said.add(failure.kind() + ": " + message);
        }

        @Override
        public void putOff(String ticket) {}

        @Override
        public void redirected(@Nullable String location, Failure failure) {
            said.add("redirected: " + String.valueOf(location).replaceAll("[A-Za-z0-9+/]{27}=", "the proof"));
        }

        String said() {
            return said.toString();
        }
    }

    private Verdict verdict(byte[] template, int most, Random random) {
        Line line = new Line();
        Verdict verdict = new Verdict();
        ConnectRequest request =
                ConnectRequest.to("ws://127.0.0.1:1/chat").withSubprotocols(OFFERED.toArray(String[]::new));
        ClientUpgrade.Route route =
                new ClientUpgrade.Route(null, ClientTls.trustingTheJdk(), new Cookies(null), null, null);
        new ClientUpgrade(request, route, Limits.DEFAULT, verdict).begin(line);
        Matcher key = SENT_KEY.matcher(line.written());
        assertThat(key.find()).as("a key was sent").isTrue();
        line.receive(withAccept(template, OpeningHandshake.accept(key.group(1))), most, random);
        assertThat(verdict.said).as("verdicts on %s", printable(template)).hasSizeLessThanOrEqualTo(1);
        assertThat(line.isOpen()).as("open while undecided").isEqualTo(verdict.said.isEmpty());
        line.end();
        return verdict;
    }

    private static byte[] withAccept(byte[] template, String accept) {
        return new String(template, StandardCharsets.ISO_8859_1)
                .replace("$ACCEPT", accept)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] request(Random random) {
        List<String> lines = new ArrayList<>(List.of(
                "GET /" + "path?query".substring(random.nextInt(11)) + " HTTP/1.1",
                "Host: 127.0.0.1:80",
                "Upgrade: websocket",
                "Connection: keep-alive, Upgrade",
                "Sec-WebSocket-Key: " + KEY,
                "Sec-WebSocket-Version: 13"));
        if (random.nextBoolean()) {
            lines.add("Sec-WebSocket-Protocol: v1, v2");
        }
        return spoil(lines, REQUESTS, random);
    }

    private static byte[] response(Random random) {
        List<String> lines = new ArrayList<>(List.of(
                "HTTP/1.1 101 Switching Protocols",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Accept: $ACCEPT"));
        if (random.nextBoolean()) {
            lines.add("Sec-WebSocket-Protocol: v" + (1 + random.nextInt(2)));
        }
        return spoil(lines, RESPONSES, random);
    }

    /** Turns a right head, mostly, into a wrong one, and sends what may be frames behind it. */
    private static byte[] spoil(List<String> lines, String[] firstLines, Random random) {
        for (int i = random.nextInt(4); i > 0 && !lines.isEmpty(); i--) {
            int at = random.nextInt(lines.size());
            String line = lines.get(at);
            switch (random.nextInt(9)) {
                case 0 -> lines.remove(at);
                case 1 -> lines.add(at, line);
                case 2 -> lines.set(at, line.substring(0, line.indexOf(':') + 1) + " " + pick(VALUES, random));
                case 3 -> lines.set(at, pick(NAMES, random) + line.substring(Math.max(0, line.indexOf(':'))));
                case 4 -> lines.add(pick(NAMES, random) + ": " + pick(VALUES, random));
                case 5 ->
                    lines.set(at, random.nextBoolean() ? line.toUpperCase(Locale.ROOT) : line.toLowerCase(Locale.ROOT));
                case 6 ->
                    lines.set(at, line.replaceFirst(": ", pick(new String[] {":", " : ", ":\t", "", ": \t "}, random)));
                case 7 -> lines.set(0, pick(firstLines, random));
                default -> {
                    String filler = "X-" + random.nextInt(100) + ": " + "f".repeat(random.nextInt(400));
                    lines.addAll(java.util.Collections.nCopies(random.nextInt(random.nextBoolean() ? 70 : 7), filler));
                }
            }
        }
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(line).append(random.nextInt(40) == 0 ? pick(ENDS, random) : "\r\n");
        }
        text.append(random.nextInt(40) == 0 ? pick(ENDS, random) : "\r\n");
        byte[] noise = new byte[random.nextInt(20)];
        random.nextBytes(noise);
        text.append(new String(noise, StandardCharsets.ISO_8859_1));
        byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        for (int i = random.nextInt(8) - 5; i > 0; i--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return random.nextInt(20) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }

    private static String pick(String[] words, Random random) {
        return words[random.nextInt(words.length)];
    }

    private static String printable(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1)
                .replace("\r", "\\r")
                .replace("\n", "\\n");
        return text.length() > 2_000 ? text.substring(0, 2_000) + "..." : text;
    }
}
