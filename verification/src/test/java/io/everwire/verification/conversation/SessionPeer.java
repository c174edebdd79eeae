package io.everwire.verification.conversation;

import io.everwire.session.resume.Control;
import io.everwire.session.resume.ControlCodec;
import io.everwire.session.resume.MalformedControlException;
import io.everwire.session.resume.Offer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client of {@code everwire.v1}, spoken by hand: it counts, acknowledges and resumes only when it is told to. */
public final class SessionPeer implements AutoCloseable {
    private static final int WINDOW_KIB = 1_024;
    private static final int WINDOW_MESSAGES = 1_024;

    private final RawPeer raw;
    private final String head;
    private final @Nullable Frame first;
    private final Control.@Nullable Hello hello;

    private SessionPeer(RawPeer raw, String head) throws IOException {
        this.raw = raw;
        this.head = head;
        first = head.startsWith("HTTP/1.1 101 ") ? raw.read() : null;
        hello = first != null && first.opcode() == Frame.TEXT && control(first) instanceof Control.Hello verdict
                ? verdict
                : null;
    }

    /** An offer of a new session. */
    public static Offer newOffer(long nonce) {
        return new Offer(0, nonce, WINDOW_KIB, WINDOW_MESSAGES, null);
    }

    /** An offer to resume, signed as the client that was given the secret would. */
    public static Offer claim(Control.Hello of, byte[] secret, long attempt, long received, long first, long next) {
        return sign(new Offer.Claim(of.sid(), attempt, received, first, next), secret, List.of());
    }

    public static Offer sign(Offer.Claim claim, byte[] secret, List<String> application) {
        return new Offer(0, claim.attempt(), WINDOW_KIB, WINDOW_MESSAGES, claim).sign(secret, "/", application);
    }

    /** The upgrade request that carries an offer. */
    public static String request(Offer offer, String path, List<String> application, String... headers) {
        List<String> offered = new ArrayList<>(List.of(Offer.SUBPROTOCOL, offer.token()));
        offered.addAll(application);
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\n" + RawPeer.HEADERS);
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        return request.append("Sec-WebSocket-Protocol: " + String.join(", ", offered) + "\r\n\r\n")
                .toString();
    }

    /** Upgrades with this offer and reads what comes first: a hello, or a close, or an answer that is no 101. */
    public static SessionPeer open(int port, Offer offer, String... headers) throws IOException {
        return open(RawPeer.dial(port), request(offer, "/", List.of(), headers));
    }

    public static SessionPeer open(RawPeer raw, String request) throws IOException {
        raw.write(request);
        return new SessionPeer(raw, raw.readHead());
    }

    /** Begins a session and acknowledges its hello. */
    public static SessionPeer begin(int port, String... headers) throws IOException {
        SessionPeer peer = open(port, newOffer(1), headers);
        peer.ack(0);
        return peer;
    }

    public Control.Hello hello() {
        if (hello == null) {
            throw new AssertionError("no hello but " + head + (first == null ? "" : first));
        }
        return hello;
    }

    public byte[] secret() {
        byte[] secret = hello().secret();
        if (secret == null) {
            throw new AssertionError("the session was resumed; its secret was given before");
        }
        return secret;
    }

    /** The answer to the upgrade. */
    public String head() {
        return head;
    }

    /** The close frame that came in the place of a hello, or that comes next among other frames. */
    public Frame readClose() throws IOException {
        return first != null && first.opcode() == Frame.CLOSE ? first : raw.read(Frame.CLOSE);
    }

    public RawPeer raw() {
        return raw;
    }

    public void ack(long received) throws IOException {
        say(new Control.Ack(received));
    }

    public void say(Control control) throws IOException {
        raw.write(new Frame(true, Frame.TEXT, ControlCodec.encode(control)));
    }

    public void send(String... texts) throws IOException {
        for (String text : texts) {
            raw.write(Frame.text(text));
        }
    }

    /** The next DATA, verbatim as it is on the wire; control messages on the way are dropped. */
    public String next() throws IOException {
        return nextOf(raw);
    }

    static String nextOf(RawPeer raw) throws IOException {
        while (true) {
            String text = raw.read(Frame.TEXT).text();
            if (!text.startsWith("\0") || text.startsWith("\0\0")) {
                return text;
            }
        }
    }

    /** The next text, of however many frames. */
    static String whole(RawPeer raw) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Frame frame = raw.read(); ; frame = raw.read()) {
            if (frame.opcode() == Frame.PING) {
                raw.write(Frame.pongTo(frame));
                continue;
            }
            text.append(frame.text());
            if (frame.isLast()) {
                return text.toString();
            }
        }
    }

    /** The next control message of this kind. */
    public <C extends Control> C next(Class<C> kind) throws IOException {
        while (true) {
            Control control = control(raw.read(Frame.TEXT));
            if (kind.isInstance(control)) {
                return kind.cast(control);
            }
        }
    }

    public List<String> next(int count) throws IOException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(next());
        }
        return texts;
    }

    /** Reads a control message, null for DATA. */
    static @Nullable Control control(Frame frame) {
        String text = new String(frame.payload(), StandardCharsets.UTF_8);
        if (!text.startsWith("\0") || text.startsWith("\0\0")) {
            return null;
        }
        try {
            return ControlCodec.parse(frame.payload());
        } catch (MalformedControlException e) {
            throw new AssertionError("the server sent a malformed control message", e);
        }
    }

    /** Ends the TCP connection, without a word of WebSocket. */
    public void cut() throws IOException {
        raw.close();
    }

    @Override
    public void close() throws IOException {
        cut();
    }
}
