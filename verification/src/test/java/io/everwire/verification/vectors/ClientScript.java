package io.everwire.verification.vectors;

import io.everwire.ResumePolicy;
import io.everwire.session.resume.ClientResume;
import io.everwire.session.resume.ClientResume.Verdict;
import io.everwire.session.resume.Control.Hello;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.ReplayBudget;
import io.everwire.session.resume.ResumeOutput;
import io.everwire.session.resume.SessionId;
import java.util.HexFormat;
import java.util.List;

/** A script for a client: the reader plays server, network, clock and application. */
final class ClientScript extends Script {
    static final SessionId SID = SessionId.of(HexFormat.of().parseHex("07112233445566778899aabbccddeeff"));
    private static final String SECRET = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    private final ClientResume<String> client;
    private boolean isOpening;
    private boolean isPlain;
    private boolean hasSpoken;

    ClientScript(String name) {
        this(name, 1 << 20, 1_024);
    }

    ClientScript(String name, int windowBytes, int windowMessages) {
        super(name);
        client = new ClientResume<>(
                ResumePolicy.DEFAULT.withWindow(windowBytes, windowMessages),
                windowBytes - 64,
                new ReplayBudget(Long.MAX_VALUE));
        in(
                "configure",
                "windowKib",
                windowBytes >> 10,
                "windowMessages",
                windowMessages,
                "largestBytes",
                windowBytes - 64);
    }

    /** The nonce is the number of the request, so that a script can be read. */
    ClientScript connect() {
        long nonce = client.attempt() + 1;
        in("connect", "nonce", Fields.hex(nonce), "path", "/feed", "subprotocols", List.of("chat"));
        Offer offer = client.offer(nonce, "/feed", List.of("chat"), now());
        out("offer", "offered", List.of(Offer.SUBPROTOCOL, offer.token(), "chat"), "fields", Fields.of(offer));
        isPlain = false;
        drain();
        return this;
    }

    ClientScript opened() {
        in("opened", "connection", client.attempt(), "subprotocol", Offer.SUBPROTOCOL);
        client.handleSelected(client.attempt(), now());
        isOpening = true;
        return this;
    }

    ClientScript openedWithout(String subprotocol) {
        in("opened", "connection", client.attempt(), "subprotocol", subprotocol);
        client.handleNotSelected(client.attempt(), now());
        judge(Verdict.PLAIN);
        drain();
        return this;
    }

    static String hello(String status, long nonce, String rest) {
        String reason = status.equals("fresh") && !rest.contains("reason=") ? " reason=unknown" : "";
        String secret = status.equals("resumed")
                ? ""
                : " secret=" + base64(HexFormat.of().parseHex(SECRET));
        return "\0hello status=" + status + " nonce=" + base64(HexFormat.of().parseHex(Fields.hex(nonce))) + " sid="
                + SID + " " + rest + " ttl=120 window=1048576 messages=1024 max=65536 hb=15000" + secret + reason;
    }

    private static String base64(byte[] bytes) {
        return java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The server answers the last offer. */
    ClientScript hello(String status, String rest) {
        return server(hello(status, client.attempt(), rest));
    }

    ClientScript server(String text) {
        return server(client.attempt(), text);
    }

    ClientScript server(long connection, String text) {
        in("message", "connection", connection, "text", text);
        if (isOpening && connection == client.attempt()) {
            Verdict verdict = client.handleFirst(connection, controlIn(text), hasSpoken, now());
            hasSpoken |= verdict == Verdict.SESSION && controlIn(text) instanceof Hello;
            judge(verdict);
            if (verdict == Verdict.PLAIN) {
                out("deliver", "text", text);
            }
        } else if (isPlain) {
            out("deliver", "text", text);
        } else {
            hear(client, connection, text);
        }
        drain();
        return this;
    }

    private void judge(Verdict verdict) {
        isOpening = false;
        isPlain = verdict == Verdict.PLAIN;
        switch (verdict) {
            case SESSION -> {}
            case PLAIN -> out("plain");
            case FAILED -> out("failed");
        }
    }

    ClientScript send(String text) {
        in("send", "text", text);
        send(client, text);
        drain();
        return this;
    }

    /** The application has handled all DATA up to a number. */
    ClientScript handled(long upTo) {
        in("handled", "upTo", upTo);
        client.handleHanded(client.incarnation(), upTo, now());
        drain();
        return this;
    }

    ClientScript waits(long millis) {
        in("wait", "millis", millis);
        pass(millis);
        client.handleDeadline(now());
        if (client.isHelloLate(now())) {
            judge(client.handleNoHello(client.attempt(), hasSpoken, now()));
        }
        drain();
        return this;
    }

    ClientScript lost() {
        in("lost", "connection", client.attempt());
        client.handleDetached(client.attempt(), now());
        client.handleAbandoned(client.attempt(), now());
        drain();
        return this;
    }

    ClientScript closed(int code) {
        return closed(client.attempt(), code);
    }

    ClientScript closed(long connection, int code) {
        in("closed", "connection", connection, "code", code);
        boolean isToStop = client.handleClosed(connection, code, now());
        client.handleDetached(connection, now());
        client.handleAbandoned(connection, now());
        drain();
        if (isToStop) {
            out("stop");
        }
        return this;
    }

    ClientScript bye(int code) {
        in("end", "code", code);
        client.bye(code, "");
        drain();
        client.close();
        return this;
    }

    private void drain() {
        for (ResumeOutput output = client.poll(); output != null; output = client.poll()) {
            write(output, "connection");
        }
        writeData(client, "connection", client.connection());
    }
}
