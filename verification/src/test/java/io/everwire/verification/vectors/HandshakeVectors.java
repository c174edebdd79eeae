package io.everwire.verification.vectors;

import io.everwire.protocol.OpeningHandshake;
import io.everwire.session.resume.MalformedOfferException;
import io.everwire.session.resume.Offer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Opening handshakes: what a server makes of the subprotocols it is offered, and one handshake from end to end. */
final class HandshakeVectors {
    /** The key and the answer to it of RFC 6455 §1.3. */
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    private static final String TOKEN = new Offer(0, 1, 1_024, 1_024, null).token();

    private HandshakeVectors() {}

    static Map<String, Object> document() {
        List<Object> offered = new ArrayList<>();
        for (String header : List.of(
                "everwire.v1, " + TOKEN,
                "everwire.v1, " + TOKEN + ", chat.v2, chat.v1",
                "chat.v2, " + TOKEN + ", everwire.v1",
                "chat.v2",
                TOKEN + ", chat.v2",
                "EVERWIRE.V1, " + TOKEN,
                "everwire.v2, " + TOKEN,
                "everwire.v1",
                "everwire.v1, chat.v2",
                "everwire.v1, everwire.v1.x",
                "everwire.v1, " + TOKEN + ", everwire.v1.AQAAAAAAAAAAAQEB",
                "everwire.v1, " + TOKEN + ", everwire.v1")) {
            offered.add(judged(header));
        }
        return Json.object("offered", offered, "whole", whole());
    }

    /** What a server that speaks everwire.v1 makes of a Sec-WebSocket-Protocol header. */
    private static Object judged(String header) {
        try {
            List<String> names = OpeningHandshake.parseSubprotocols(List.of(header));
            boolean isSession = Offer.find(names) != null;
            return Json.object(
                    "header",
                    header,
                    "is",
                    isSession ? "session" : "plain",
                    "selected",
                    isSession ? Offer.SUBPROTOCOL : null,
                    "ofTheApplication",
                    isSession ? Offer.application(names) : names);
        } catch (MalformedOfferException | IllegalArgumentException e) {
            return Json.object("header", header, "is", "refused", "status", 400);
        }
    }

    private static Object whole() {
        return Json.object(
                "request",
                String.join(
                        "\r\n",
                        "GET /feed?token=abc HTTP/1.1",
                        "Host: server.example",
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Key: " + KEY,
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Protocol: everwire.v1, " + TOKEN + ", chat",
                        "",
                        ""),
                "response",
                String.join(
                        "\r\n",
                        "HTTP/1.1 101 Switching Protocols",
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Accept: " + ACCEPT,
                        "Sec-WebSocket-Protocol: everwire.v1",
                        "",
                        ""),
                "coveredPath",
                "/feed",
                "firstMessageOfTheServer",
                ClientScript.hello("new", 1, "rx=0 tx=0") + " protocol=chat",
                "firstMessageOfTheClient",
                "\0ack n=0");
    }
}
