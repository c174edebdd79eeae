package io.everwire.verification.vectors;

import io.everwire.LossReason;
import io.everwire.SessionLoss;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.Control.Ack;
import io.everwire.session.resume.Control.Bye;
import io.everwire.session.resume.Control.Hello;
import io.everwire.session.resume.Control.Move;
import io.everwire.session.resume.Control.Ping;
import io.everwire.session.resume.Control.Pong;
import io.everwire.session.resume.ControlCodec;
import io.everwire.session.resume.Offer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the vectors say of a message, an offer or a loss: the keys are those of the wire, bytes are in hexadecimal. */
final class Fields {
    private Fields() {}

    static Map<String, Object> of(Control control) {
        if (control instanceof Hello hello) {
            return of(hello);
        } else if (control instanceof Ack ack) {
            return Json.object("verb", "ack", "n", ack.received());
        } else if (control instanceof Ping ping) {
            return Json.object("verb", "ping", "tx", ping.sent(), "n", ping.received(), "t", ping.time());
        } else if (control instanceof Pong pong) {
            return Json.object("verb", "pong", "tx", pong.sent(), "n", pong.received(), "t", pong.time());
        } else if (control instanceof Move move) {
            return Json.object(
                    "verb", "move", "after", move.afterMillis(), "window", move.windowMillis(), "url", move.url());
        } else if (control instanceof Bye bye) {
            return Json.object("verb", "bye", "code", bye.code(), "rx", bye.received(), "reason", bye.reason());
        }
        return Json.object("verb", "ask");
    }

    private static Map<String, Object> of(Hello hello) {
        byte[] secret = hello.secret();
        LossReason reason = hello.reason();
        return Json.object(
                "verb",
                "hello",
                "status",
                hello.status().word(),
                "nonce",
                hex(hello.nonce()),
                "sid",
                hex(hello.sid().bytes()),
                "rx",
                hello.received(),
                "tx",
                orNull(hello.sent()),
                "ttl",
                hello.ttlSeconds(),
                "window",
                hello.windowBytes(),
                "messages",
                hello.windowMessages(),
                "max",
                hello.maxBytes(),
                "hb",
                hello.heartbeatMillis(),
                "gap",
                hello.gapMillis() == 0 ? null : hello.gapMillis(),
                "secret",
                secret == null ? null : hex(secret),
                "reason",
                reason == null ? null : reason.word(),
                "peer-rx",
                orNull(hello.peerReceived()),
                "protocol",
                hello.protocol());
    }

    static Map<String, Object> of(Offer offer) {
        Offer.Claim claim = offer.claim();
        Map<String, Object> claimed = claim == null
                ? null
                : Json.object(
                        "sid",
                        hex(claim.sid().bytes()),
                        "attempt",
                        claim.attempt(),
                        "rx",
                        claim.received(),
                        "first",
                        claim.first(),
                        "next",
                        claim.next());
        return Json.object(
                "flags",
                offer.flags(),
                "nonce",
                hex(offer.nonce()),
                "windowKib",
                offer.windowKib(),
                "windowMessages",
                offer.windowMessages(),
                "largestBytes",
                offer.largestBytes(),
                "claim",
                claimed);
    }

    static Map<String, Object> of(SessionLoss loss) {
        return Json.object(
                "reason",
                loss.reason().word(),
                "delivered",
                loss.delivered(),
                "unknown",
                loss.unknown(),
                "undelivered",
                loss.undelivered(),
                "received",
                loss.received());
    }

    private static @Nullable Long orNull(long number) {
        return number < 0 ? null : number;
    }

    static String hex(long nonce) {
        return HexFormat.of().toHexDigits(nonce);
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** Returns a control message as the text that stands on the wire. */
    static String text(Control control) {
        return new String(ControlCodec.encode(control), StandardCharsets.US_ASCII);
    }
}
