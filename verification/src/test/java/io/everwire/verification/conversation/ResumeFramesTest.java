package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Message;
import io.everwire.MessageView;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.client.EverwireClient;
import io.everwire.server.EverwireServer;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.ControlCodec;
import io.everwire.session.resume.MalformedOfferException;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.SessionId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which frames make a message that counts, and when a client must be ready for them; the peer is written by hand. */
class ResumeFramesTest {
    private static final Pattern PROTOCOLS =
            Pattern.compile("^Sec-WebSocket-Protocol:\\s*(.*?)\\s*$", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);
    private static final SessionId SID = new SessionId(1, 2);

    @AutoClose
    private final Opened opened = new Opened();

    private final RecordingListener server = new RecordingListener();
    private final RecordingListener client = new RecordingListener();

    private EverwireServer serve() {
        return opened.serve(
                EverwireServer.builder().sessions(ResumePolicy.DEFAULT).listen("/", server));
    }

    @Test
    @DisplayName("pitfall 24: empty and fragmented messages count once each, an unfinished one does not")
    void countsWholeMessages() throws IOException {
        EverwireServer target = serve();
        try (SessionPeer first = SessionPeer.begin(target.port())) {
            first.raw().write(Frame.text(""), Frame.binary(0));
            first.raw()
                    .write(
                            Frame.part(false, Frame.TEXT, ""),
                            Frame.part(false, Frame.CONTINUATION, "in three "),
                            Frame.ping("between"),
                            Frame.part(true, Frame.CONTINUATION, "parts"));
            first.raw().write(Frame.part(false, Frame.TEXT, ""), Frame.part(true, Frame.CONTINUATION, ""));
            // An ack in parts is an ack; a message that begins with an escape in a part of its own is a message.
            first.raw().write(Frame.part(false, Frame.TEXT, "\0"), Frame.part(true, Frame.CONTINUATION, "ack n=0"));
            first.raw().write(Frame.part(false, Frame.TEXT, "\0"), Frame.part(true, Frame.CONTINUATION, "\0escaped"));
            first.raw().write(Frame.part(false, Frame.TEXT, "unfinished"));
            for (int number = 1; number <= 5; number++) {
                assertThat(server.next().number()).isEqualTo(number);
            }
            first.cut();
            server.await(SessionEvent.Suspended.class);
            Offer claim = SessionPeer.claim(first.hello(), first.secret(), 1, 0, 1, 7);
            try (SessionPeer second = SessionPeer.open(target.port(), claim)) {
                assertThat(second.hello().status()).isEqualTo(Control.Status.RESUMED);
                assertThat(second.hello().received()).isEqualTo(5);
                second.ack(0);
                second.send("finished");
                assertThat(server.next().number()).isEqualTo(6);
            }
        }
        assertThat(server.texts()).containsExactly("", "", "in three parts", "", "\0escaped", "finished");
    }

    @Test
    @DisplayName("pitfall 24: empty and binary messages are replayed as they were sent")
    void replaysEmptyMessages() throws IOException {
        Tap tap = opened.add(new Tap(serve().port()));
        Session session =
                opened.connect(EverwireClient.to(Opened.url(tap.port())).sessions(), client);
        client.await(SessionEvent.Ready.class);
        tap.cut();
        server.await(SessionEvent.Suspended.class);
        List<Message> messages = List.of(
                Message.text(""),
                Message.binary(),
                Message.binary((byte) 0),
                Message.binary(new byte[] {0, 0, 1}),
                Message.text("\0"),
                Message.text("\0\0"),
                Message.text("\0ack n=9"),
                Message.text(""));
        messages.forEach(session::send);
        messages.forEach(server.session()::send);
        for (RecordingListener each : List.of(client, server)) {
            for (int i = 0; i < messages.size(); i++) {
                Message came = each.next();
                assertThat(came).isEqualTo(messages.get(i));
                assertThat(came.number()).isEqualTo(i + 1);
            }
        }
        assertThat(client.all(SessionEvent.SessionLost.class)).isEmpty();
    }

    @Test
    @DisplayName("pitfall 27: is ready for hello and messages that come in one segment with the 101")
    void missesNothingThatComesWithThe101() throws IOException {
        RawServer raw = opened.add(new RawServer((peer, number) -> {
            String request = peer.readHead();
            peer.write(concat(
                    answer(request).getBytes(StandardCharsets.ISO_8859_1),
                    peer.bytes(
                            hello(request, number),
                            Frame.text("message " + (2 * number - 1)),
                            Frame.text("message " + 2 * number))));
            assertThat(SessionPeer.control(peer.read(Frame.TEXT))).isInstanceOf(Control.Ack.class);
            if (number == 2) {
                peer.readAll();
            }
        }));
        opened.connect(EverwireClient.to(Opened.url(raw.port())).sessions(), client);
        assertThat(client.next(4)).containsExactly("message 1", "message 2", "message 3", "message 4");
        SessionEvent.Resumed resumed = client.await(SessionEvent.Resumed.class);
        assertThat(resumed.replayedIn()).isEqualTo(2);
        assertThat(client.all(SessionEvent.Open.class)).hasSize(1);
        assertThat(client.session().sessionId()).isEqualTo(SID.toString());
    }

    /** Section 4.5: "After it an end sends nothing but its close frame." */
    @Test
    void writesNothingBehindItsBye() throws IOException {
        CompletableFuture<Void> hasSaidBye = new CompletableFuture<>();
        CompletableFuture<Void> hasEchoed = new CompletableFuture<>();
        CompletableFuture<List<Frame>> behind = new CompletableFuture<>();
        RecordingListener echoing = new RecordingListener() {
            @Override
            public void onEvent(Session session, SessionEvent event) {
                super.onEvent(session, event);
                if (event instanceof SessionEvent.Open) {
                    session.pause();
                }
            }

            @Override
            public void onView(Session session, MessageView message) {
                session.trySend(message);
                hasEchoed.complete(null);
            }
        };
        RawServer raw = opened.add(new RawServer((peer, number) -> {
            String request = peer.readHead();
            peer.write(answer(request));
            peer.write(hello(request, number));
            peer.write(Frame.text("one"));
            peer.write(new Frame(true, Frame.TEXT, ControlCodec.encode(new Control.Bye(1000, 0, ""))));
            Control said;
            do {
                said = SessionPeer.control(peer.read(Frame.TEXT));
            } while (!(said instanceof Control.Bye));
            hasSaidBye.complete(null);
            Patience.of(hasEchoed);
            peer.write(Frame.ping("behind it"));
            List<Frame> frames = new ArrayList<>();
            for (Frame frame = peer.read(); frame.opcode() != Frame.PONG; frame = peer.read()) {
                frames.add(frame);
            }
            behind.complete(frames);
            peer.write(Frame.close(1000, ""));
            peer.readAll();
        }));
        Session session = opened.connect(EverwireClient.to(raw.url()).sessions(), echoing);
        Patience.of(hasSaidBye);
        session.resume();
        assertThat(Patience.of(behind)).isEmpty();
        echoing.await(SessionEvent.Closed.class);
    }

    private static String answer(String request) {
        return RawPeer.answerTo(request) + "Sec-WebSocket-Protocol: " + Offer.SUBPROTOCOL + "\r\n\r\n";
    }

    /** The first connection begins the session, the others resume it. */
    @SuppressWarnings("NullAway") // It does not see that the component is an array that may be null.
    private static Frame hello(String request, int number) throws MalformedOfferException {
        Matcher line = PROTOCOLS.matcher(request);
        assertThat(line.find()).isTrue();
        Offer offer = Offer.find(
                Arrays.stream(line.group(1).split(",", -1)).map(String::trim).toList());
        if (offer == null) {
            throw new AssertionError("the client has offered no session");
        }
        boolean isNew = number == 1;
        byte @Nullable [] secret = isNew ? new byte[32] : null;
        Control.Status status = isNew ? Control.Status.NEW : Control.Status.RESUMED;
        Control.Hello hello = new Control.Hello(
                status,
                offer.nonce(),
                SID,
                0,
                isNew ? 0 : 4,
                120,
                1 << 20,
                1_024,
                1 << 19,
                15_000,
                0,
                secret,
                null,
                -1,
                null);
        return new Frame(true, Frame.TEXT, ControlCodec.encode(hello));
    }

    private static byte[] concat(byte[] head, byte[] frames) {
        byte[] all = Arrays.copyOf(head, head.length + frames.length);
        System.arraycopy(frames, 0, all, head.length, frames.length);
        return all;
    }
}
