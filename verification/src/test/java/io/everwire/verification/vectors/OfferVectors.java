package io.everwire.verification.vectors;

import io.everwire.session.resume.MalformedOfferException;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.Offer.Claim;
import io.everwire.session.resume.ServerKeys;
import io.everwire.session.resume.SessionId;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Offers with the keys and macs they are made of, and offers to be refused. */
final class OfferVectors {
    private static final long MOST = 9_007_199_254_740_991L;
    private static final String SID = "07112233445566778899aabbccddeeff";
    private static final SessionId SESSION = SessionId.of(HexFormat.of().parseHex(SID));
    private static final byte[] KEY_7 =
            HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    private static final byte[] KEY_8 = HexFormat.of().parseHex("ff".repeat(32));
    private static final ServerKeys KEYS = new ServerKeys(Map.of(7, KEY_7, 8, KEY_8), 8);

    private OfferVectors() {}

    static Map<String, Object> document() {
        return Json.object(
                "serverKeys",
                Json.object("7", Fields.hex(KEY_7), "8", Fields.hex(KEY_8)),
                "secrets",
                secrets(),
                "offers",
                offers(),
                "claims",
                claims(),
                "malformed",
                malformed());
    }

    private static List<Object> secrets() {
        List<Object> secrets = new ArrayList<>();
        SessionId other = SessionId.of(HexFormat.of().parseHex("08" + SID.substring(2)));
        for (SessionId sid : List.of(SESSION, other)) {
            for (String principal : List.of("", "ann", "j\u00fcrgen")) {
                secrets.add(Json.object(
                        "sid",
                        Fields.hex(sid.bytes()),
                        "principal",
                        principal,
                        "secret",
                        Fields.hex(KEYS.secretFor(sid, principal))));
            }
        }
        return secrets;
    }

    private static Offer claiming(long attempt, long received, long first, long next) {
        return new Offer(0, 0x0102030405060708L, 1024, 1024, new Claim(SESSION, attempt, received, first, next));
    }

    private static List<Object> offers() {
        return List.of(
                unsigned(new Offer(0, 0, 1, 1, null)),
                unsigned(new Offer(Offer.FLAG_NO_PINGS, -1, 1024, 1024, null)),
                unsigned(new Offer(255, 0x0102030405060708L, 1 << 20, 1 << 20, null)),
                signed(claiming(1, 0, 1, 1), "/", List.of()),
                signed(claiming(2, 127, 128, 300), "/feed", List.of("chat.v2", "chat.v1")),
                signed(claiming(300, 16_384, 1, 2_097_152), "/caf%C3%A9", List.of("chat.v2")),
                signed(claiming(MOST, MOST, MOST, MOST), "/", List.of()));
    }

    private static Object unsigned(Offer offer) {
        Map<String, Object> vector = Fields.of(offer);
        vector.put("token", offer.token());
        return vector;
    }

    private static Object signed(Offer offer, String path, List<String> subprotocols) {
        Offer signed = offer.sign(KEYS.secretFor(SESSION, "ann"), path, subprotocols);
        Claim claim = signed.claim();
        if (claim == null) {
            throw new AssertionError("a signed offer claims nothing");
        }
        Map<String, Object> vector = Fields.of(signed);
        vector.put("principal", "ann");
        vector.put("path", path);
        vector.put("subprotocols", subprotocols);
        vector.put("mac", Fields.hex(claim.mac()));
        vector.put("token", signed.token());
        return vector;
    }

    /** Who is believed. The token is the same; only what a server knows beside it differs. */
    private static List<Object> claims() {
        List<String> own = List.of("chat.v2", "chat.v1");
        Offer offer = claiming(2, 127, 128, 300).sign(KEYS.secretFor(SESSION, "ann"), "/feed", own);
        Claim claim = offer.claim();
        if (claim == null) {
            throw new AssertionError("a signed offer claims nothing");
        }
        Claim grown = new Claim(SESSION, 3, 127, 128, 300, claim.mac());
        SessionId foreign = SessionId.of(HexFormat.of().parseHex("09" + SID.substring(2)));
        Offer unknownKey = new Offer(0, 1, 1, 1, new Claim(foreign, 1, 0, 1, 1))
                .sign(KEYS.secretFor(foreign, "ann"), "/feed", own);
        return List.of(
                claim("as it was signed", offer, "ann", "/feed", own),
                claim("another principal", offer, "bob", "/feed", own),
                claim("another path", offer, "ann", "/feed/", own),
                claim("another order of subprotocols", offer, "ann", "/feed", List.of("chat.v1", "chat.v2")),
                claim("a subprotocol less", offer, "ann", "/feed", List.of("chat.v2")),
                claim(
                        "a larger attempt under the old mac",
                        new Offer(0, offer.nonce(), 1024, 1024, grown),
                        "ann",
                        "/feed",
                        own),
                claim("the id of a key that the server does not have", unknownKey, "ann", "/feed", own));
    }

    private static Object claim(String why, Offer offer, String principal, String path, List<String> subprotocols) {
        return Json.object(
                "why",
                why,
                "token",
                offer.token(),
                "principal",
                principal,
                "path",
                path,
                "subprotocols",
                subprotocols,
                "isAuthentic",
                KEYS.isAuthentic(offer, principal, path, subprotocols));
    }

    private static List<Object> malformed() {
        String start = "01000000000000000001";
        String made = start + "80088008c0ff3f";
        String mac = "ff".repeat(16);
        String whole = made + SID + "01000101" + mac;
        List<Object> refused = new ArrayList<>();
        refused.add(malformed("no offer", "everwire.v1"));
        refused.add(malformed("two offers", "everwire.v1", token(made), token(start + "0101")));
        refused.add(malformed("an empty offer", "everwire.v1", "everwire.v1."));
        refused.add(malformed("characters outside base64url", "everwire.v1", "everwire.v1.****"));
        refused.add(
                malformed("bits that no byte uses", "everwire.v1", token(made).replaceFirst("8$", "9")));
        refused.add(malformed("version 0", "everwire.v1", token("00" + made.substring(2))));
        refused.add(malformed("version 2", "everwire.v1", token("02" + made.substring(2))));
        refused.add(malformed("an end within the nonce", "everwire.v1", token(made.substring(0, 18))));
        refused.add(malformed("an end within a varint", "everwire.v1", token(start + "8008" + "80")));
        refused.add(malformed("a window of 0 KiB", "everwire.v1", token(start + "00" + "01" + "01")));
        refused.add(malformed("a window of no messages", "everwire.v1", token(start + "01" + "00" + "01")));
        refused.add(malformed("a window above 1 GiB", "everwire.v1", token(start + "818040" + "01" + "01")));
        refused.add(malformed("a window above 2^20 messages", "everwire.v1", token(start + "01" + "818040" + "01")));
        refused.add(malformed("a largest message of 0 bytes", "everwire.v1", token(start + "0101" + "00")));
        refused.add(malformed("a largest message above 1 GiB", "everwire.v1", token(start + "0101" + "8180808004")));
        refused.add(malformed("a varint with a byte too many", "everwire.v1", token(start + "8100" + "01" + "01")));
        refused.add(malformed("an end within the sid", "everwire.v1", token(made + SID.substring(2))));
        refused.add(malformed("an end within the mac", "everwire.v1", token(whole.substring(0, whole.length() - 2))));
        refused.add(malformed("a byte after the mac", "everwire.v1", token(whole + "00")));
        refused.add(malformed("attempt 0", "everwire.v1", token(made + SID + "00000101" + mac)));
        refused.add(malformed("first 0", "everwire.v1", token(made + SID + "01000001" + mac)));
        refused.add(malformed("next 0", "everwire.v1", token(made + SID + "01000100" + mac)));
        refused.add(
                malformed("rx of 2^53", "everwire.v1", token(made + SID + "01" + "8080808080808010" + "0101" + mac)));
        refused.add(malformed(
                "rx of 2^64 - 1", "everwire.v1", token(made + SID + "01" + "ffffffffffffffffff01" + "0101" + mac)));
        return refused;
    }

    private static String token(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return Offer.TOKEN_PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Object malformed(String why, String... offered) {
        try {
            Offer.find(List.of(offered));
        } catch (MalformedOfferException e) {
            return Json.object("why", why, "offered", List.of(offered));
        }
        throw new AssertionError("accepted, with " + why);
    }
}
