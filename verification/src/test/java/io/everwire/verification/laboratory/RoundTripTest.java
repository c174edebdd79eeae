package io.everwire.verification.laboratory;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Message;
import io.everwire.verification.conversation.Tap;
import io.everwire.verification.laboratory.Capture.Segment;
import io.everwire.verification.laboratory.Laboratory.Machine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A session is resumed without a round trip of its own, seen in a packet capture. Between the ends no more of a new connection passes
 * towards the server than its opening and the upgrade request: what either end sends meanwhile, it sends without having heard an
 * answer.
 */
@Execution(ExecutionMode.CONCURRENT)
final class RoundTripTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LEAST_MESSAGES = 5;

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void resumesWithoutARoundTripOfItsOwn() {
        Capture.check();
        Path directory = Campaign.emptied(Path.of("target", "laboratory", "round-trip"));
        try (Laboratory laboratory = Laboratory.open()) {
            laboratory.cable().checkThatItCanHold();
            Program server = start(laboratory, Machine.SRV, "serve", "server", directory);
            server.await(0, PATIENCE, "listening");
            Program client = start(laboratory, Machine.CLI, "connect", "client", directory);
            client.await(0, PATIENCE, "ready");
            through(client, 1);
            Capture atServer = Capture.start(laboratory, Machine.SRV, directory);
            Capture atClient = Capture.start(laboratory, Machine.CLI, directory);

            Cable cable = laboratory.cable();
            long cut = cable.cut();
            cable.killSockets(Machine.CLI);
            cable.killSockets(Machine.SRV);
            client.find(Duration.ofMillis(1_500), event -> false);
            cable.healAndHoldTheClient();
            Event resumed = client.await(cut, PATIENCE, "resumed");
            client.find(Duration.ofMillis(300), event -> false);
            long heal = cable.heal();
            through(client, 2);
            through(server, 2);

            List<Segment> seenByServer = atServer.stop();
            Book serverBook = Book.read(Scribe.book(directory, "server"));
            int port = resumedPort(seenByServer);
            checkServer(seenByServer, port, resumed.number("replayedIn"), serverBook);
            Book clientBook = Book.read(Scribe.book(directory, "client"));
            checkClient(atClient.stop(), port, heal, clientBook);
            assertThat(client.since(0, "sessionlost")).isEmpty();
        }
    }

    private static Program start(Laboratory laboratory, Machine machine, String role, String life, Path directory) {
        return laboratory.start(
                machine,
                "scribe-" + life,
                Scribe.command(
                        role,
                        life,
                        directory,
                        "rate=10",
                        "largest=200",
                        "ping=5000",
                        "handling=0",
                        "seed=1",
                        "store=memory"));
    }

    private static void through(Program program, int mark) {
        program.tell("mark " + mark);
        program.await("through", PATIENCE, event -> event.is("through") && event.number("mark") == mark);
    }

    /** Finds the connection on which the session was resumed. */
    private static int resumedPort(List<Segment> segments) {
        return segments.stream()
                .filter(segment -> !segment.isFromClient()
                        && new String(segment.payload(), StandardCharsets.ISO_8859_1).contains("status=resumed"))
                .mapToInt(Segment::port)
                .reduce((first, second) -> second)
                .orElseThrow(() -> new AssertionError("the server resumed no session"));
    }

    /** The 101, hello and the whole replay leave before anything of the client but its request has come. */
    private static void checkServer(List<Segment> segments, int port, long replayed, Book book) {
        List<Segment> connection =
                segments.stream().filter(segment -> segment.port() == port).toList();
        int request = indexOf(connection, segment -> segment.begins("GET "));
        List<Segment> after = connection.subList(request + 1, connection.size());
        int next = indexOf(after, Segment::isFromClient);
        List<Tap.Span> frames = new Tap.Stream(Capture.stream(after.subList(0, next))).spans();

        assertThat(frames.get(0).frame().text()).startsWith("\0hello status=resumed ");
        List<String> sent = digests(frames);
        assertThat(replayed).as("messages to be replayed").isGreaterThanOrEqualTo(LEAST_MESSAGES);
        assertThat(sent)
                .as("messages behind the hello, before any packet of the client")
                .hasSizeGreaterThanOrEqualTo((int) replayed);
        assertThat(Collections.indexOfSubList(book.offered(), sent))
                .as("they are what the application has sent, in order")
                .isNotNegative();
    }

    /** The client's ack and its messages follow the hello; no answer to them was possible. */
    private static void checkClient(List<Segment> segments, int port, long healMillis, Book book) {
        List<Segment> sent = segments.stream()
                .filter(segment ->
                        segment.port() == port && segment.isFromClient() && segment.micros() < healMillis * 1_000)
                .toList();
        List<Tap.Span> frames = new Tap.Stream(Capture.stream(sent)).spans();

        assertThat(frames.get(0).frame().text()).startsWith("\0ack n=");
        List<String> messages = digests(frames);
        assertThat(messages).as("messages behind the ack").hasSizeGreaterThanOrEqualTo(LEAST_MESSAGES);
        assertThat(Collections.indexOfSubList(book.offered(), messages))
                .as("they are what the application has sent, in order")
                .isNotNegative();
    }

    private static int indexOf(List<Segment> segments, Predicate<Segment> wanted) {
        for (int i = 0; i < segments.size(); i++) {
            if (wanted.test(segments.get(i))) {
                return i;
            }
        }
        throw new AssertionError("no such segment among " + segments.size());
    }

    private static List<String> digests(List<Tap.Span> frames) {
        return frames.stream()
                .filter(Tap.Span::isData)
                .map(RoundTripTest::digest)
                .toList();
    }

    /** A text that begins with U+0000 has one more on the wire. */
    private static String digest(Tap.Span span) {
        byte[] payload = span.frame().payload();
        boolean isText = span.frame().opcode() == 1;
        int start = isText && payload.length > 0 && payload[0] == 0 ? 1 : 0;
        return Book.digest(Message.copyOf(isText, ByteBuffer.wrap(payload, start, payload.length - start)));
    }
}
