package io.everwire.protocol;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the opening handshake that are RFC 6455's and not HTTP's (§4): heads in, verdicts out. Every rule takes
 * time linear in the length of what it reads.
 */
public final class OpeningHandshake {
    private static final String HOST = "Host";
    private static final String UPGRADE = "Upgrade";
    private static final String CONNECTION = "Connection";
    private static final String CONTENT_LENGTH = "Content-Length";
    private static final String TRANSFER_ENCODING = "Transfer-Encoding";
    private static final String KEY = "Sec-WebSocket-Key";
    private static final String DRAFT_KEY = "Sec-WebSocket-Key1";
    private static final String VERSION = "Sec-WebSocket-Version";
    private static final String ACCEPT = "Sec-WebSocket-Accept";
    private static final String PROTOCOL = "Sec-WebSocket-Protocol";
    private static final String EXTENSIONS = "Sec-WebSocket-Extensions";

    private static final String WEBSOCKET = "websocket";
    private static final String SUPPORTED_VERSION = "13";
    private static final String KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;
    private static final int KEY_CHARACTERS = 24;

    private static final int BAD_REQUEST = 400;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int UPGRADE_REQUIRED = 426;

    private OpeningHandshake() {}

    /**
     * Returns the {@code Sec-WebSocket-Accept} that proves a {@code Sec-WebSocket-Key} was read.
     *
     * @param key as it was sent
     */
    public static String accept(String key) {
        // §4.2.2: "concatenating /key/ [...] with the string "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", taking the SHA-1
        // hash of this concatenated value to obtain a 20-byte value and base64-encoding [...] this 20-byte hash."
        byte[] concatenated = (key + KEY_SUFFIX).getBytes(StandardCharsets.ISO_8859_1);
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest(concatenated);
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime lacks SHA-1, which every one must have", e);
        }
    }

    /**
     * Tells whether this is a {@code Sec-WebSocket-Key}: base64 of 16 bytes.
     *
     * @param key as it was received; null when there was none
     */
    public static boolean isValidKey(@Nullable String key) {
        // §4.2.1: a base64-encoded "value that, when decoded, is 16 bytes in length." The bits that the last character
        // has
        // to spare are ignored: in the example of §4.1 they are not 0.
        if (key == null || key.length() != KEY_CHARACTERS) {
            return false;
        }
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Judges a request for an upgrade, on the server (RFC 6455 §4.2.1). Whether the origin, the path and the credentials
     * are welcome is not judged here.
     *
     * @param request the head of the request; of its body nothing has been read
     */
    public static ServerVerdict judgeRequest(RequestHead request) {
        // §4.2.1: "An HTTP/1.1 or higher GET request".
        if (!request.method().equals("GET")) {
            return new ServerVerdict(
                    METHOD_NOT_ALLOWED,
                    "the method is " + HeaderValues.quote(request.method()) + "; an upgrade must be a GET request",
                    Map.of("Allow", "GET"));
        }
        int major = request.majorVersion();
        int minor = request.minorVersion();
        if (major < 1 || (major == 1 && minor < 1)) {
            return refused("the request is HTTP/" + major + "." + minor + "; an upgrade needs HTTP/1.1 or higher");
        }
        // §4.2.1: "A |Host| header field containing the server's authority." RFC 9110 §7.2 wants exactly one.
        int hosts = request.headers(HOST).size();
        if (hosts != 1) {
            return refused("the request has " + hosts + " Host headers; it must have exactly one");
        }
        ServerVerdict body = judgeBody(request);
        return body != null ? body : judgeUpgrade(request);
    }

    /** A body would be read as frames, or frames as a body: requests are smuggled that way. */
    private static @Nullable ServerVerdict judgeBody(RequestHead request) {
        List<String> encodings = request.headers(TRANSFER_ENCODING);
        if (!encodings.isEmpty()) {
            return refused("the request has Transfer-Encoding " + HeaderValues.quote(encodings)
                    + "; an upgrade must not have a body");
        }
        for (String length : request.headers(CONTENT_LENGTH)) {
            if (!length.equals("0")) {
                return refused("the request has Content-Length " + HeaderValues.quote(length)
                        + "; an upgrade must not have a body");
            }
        }
        // draft-hixie-thewebsocketprotocol-76 §1.3: eight bytes follow such a request, and readers of HTTP still know
        // it.
        if (!request.headers(DRAFT_KEY).isEmpty()) {
            return refused(
                    "the request has a Sec-WebSocket-Key1, of a draft whose requests have a body; an upgrade must"
                            + " not have one");
        }
        return null;
    }

    private static ServerVerdict judgeUpgrade(RequestHead request) {
        // §4.2.1: "An |Upgrade| header field containing the value "websocket", treated as an ASCII case-insensitive
        // value."
        List<String> upgrades = request.headers(UPGRADE);
        if (!HeaderValues.containsToken(upgrades, WEBSOCKET)) {
            return refused("the Upgrade header is " + HeaderValues.quote(upgrades) + "; it must contain websocket");
        }
        // §4.2.1: "A |Connection| header field that includes the token "Upgrade", treated as an ASCII case-insensitive
        // value."
        List<String> connections = request.headers(CONNECTION);
        if (!HeaderValues.containsToken(connections, UPGRADE)) {
            return refused("the Connection header is " + HeaderValues.quote(connections)
                    + "; it must contain Upgrade (does a proxy in between drop it?)");
        }
        // §4.2.2: "If this version does not match a version understood by the server, the server MUST abort the
        // WebSocket
        // handshake described in this section and instead send an appropriate HTTP error code (such as 426 Upgrade
        // Required) and a |Sec-WebSocket-Version| header field".
        List<String> versions = request.headers(VERSION);
        if (!versions.equals(List.of(SUPPORTED_VERSION))) {
            return new ServerVerdict(
                    UPGRADE_REQUIRED,
                    "the Sec-WebSocket-Version is " + HeaderValues.quote(versions) + "; only 13 is supported",
                    Map.of(VERSION, SUPPORTED_VERSION, UPGRADE, WEBSOCKET, CONNECTION, "Upgrade, close"));
        }
        // §11.3.1: "The |Sec-WebSocket-Key| header field MUST NOT appear more than once in an HTTP request."
        List<String> keys = request.headers(KEY);
        if (keys.size() != 1 || !isValidKey(keys.get(0))) {
            return refused("the Sec-WebSocket-Key is " + HeaderValues.quote(keys)
                    + "; there must be exactly one, 16 bytes in base64");
        }
        String refusal = subprotocolsRefusal(request.headers(PROTOCOL));
        return refusal != null ? refused(refusal) : ServerVerdict.acceptable();
    }

    private static ServerVerdict refused(String reason) {
        return ServerVerdict.refused(BAD_REQUEST, reason);
    }

    /**
     * Returns the subprotocols that a client offers, the most wanted first. Names are compared with regard to case.
     *
     * @param headerValues the values of all {@code Sec-WebSocket-Protocol} lines of a request
     * @throws IllegalArgumentException when an element is not a token or occurs twice, which {@link #judgeRequest} refuses
     */
    public static List<String> parseSubprotocols(List<String> headerValues) {
        String refusal = subprotocolsRefusal(headerValues);
        if (refusal != null) {
            throw new IllegalArgumentException(refusal);
        }
        return List.copyOf(HeaderValues.elements(headerValues));
    }

    private static @Nullable String subprotocolsRefusal(List<String> headerValues) {
        // §4.1: "The elements that comprise this value MUST be non-empty strings with characters in the range U+0021 to
        // U+007E not including separator characters as defined in [RFC2616] and MUST all be unique strings."
        Set<String> seen = new HashSet<>();
        for (String element : HeaderValues.elements(headerValues)) {
            if (!HeaderValues.isToken(element)) {
                return "the subprotocol " + HeaderValues.quote(element) + " is not a token";
            }
            if (!seen.add(element)) {
                return "the subprotocol " + HeaderValues.quote(element) + " is offered twice; offer each once";
            }
        }
        return null;
    }

    /**
     * Judges the response to a request for an upgrade that offered no extension, on the client (RFC 6455 §4.1).
     *
     * @param response the head of the response
     * @param key the {@code Sec-WebSocket-Key} that was sent
     * @param offeredSubprotocols what was sent in {@code Sec-WebSocket-Protocol}
     */
    public static ClientVerdict judgeResponse(ResponseHead response, String key, List<String> offeredSubprotocols) {
        return judgeResponse(response, key, offeredSubprotocols, false);
    }

    /**
     * Judges the response to a request for an upgrade, on the client (RFC 6455 §4.1).
     *
     * @param response the head of the response
     * @param key the {@code Sec-WebSocket-Key} that was sent
     * @param offeredSubprotocols what was sent in {@code Sec-WebSocket-Protocol}
     * @param isDeflateOffered whether {@link PermessageDeflate#offer} was sent in {@code Sec-WebSocket-Extensions}
     */
    public static ClientVerdict judgeResponse(
            ResponseHead response, String key, List<String> offeredSubprotocols, boolean isDeflateOffered) {
        // §4.1: "If the status code received from the server is not 101, the client handles the response per HTTP".
        if (response.status() != ServerVerdict.SWITCHING_PROTOCOLS) {
            return ClientVerdict.failed("the server answered " + response.status()
                    + " instead of 101 Switching Protocols; " + advice(response.status()));
        }
        // §4.1: "If the response lacks an |Upgrade| header field or the |Upgrade| header field contains a value that is
        // not
        // an ASCII case-insensitive match for the value "websocket", the client MUST _Fail the WebSocket Connection_."
        List<String> upgrades = response.headers(UPGRADE);
        if (upgrades.size() != 1 || !upgrades.get(0).equalsIgnoreCase(WEBSOCKET)) {
            return ClientVerdict.failed("the response's Upgrade header is " + HeaderValues.quote(upgrades)
                    + " instead of websocket; check that the URL names a WebSocket endpoint");
        }
        // §4.1: "If the response lacks a |Connection| header field or the |Connection| header field doesn't contain a
        // token that is an ASCII case-insensitive match for the value "Upgrade", the client MUST _Fail [...]_."
        List<String> connections = response.headers(CONNECTION);
        if (!HeaderValues.containsToken(connections, UPGRADE)) {
            return ClientVerdict.failed("the response's Connection header is " + HeaderValues.quote(connections)
                    + " and lacks Upgrade; check the proxies in between");
        }
        // §4.1: "If the response lacks a |Sec-WebSocket-Accept| header field or the |Sec-WebSocket-Accept| contains a
        // value other than the base64-encoded SHA-1 [...], the client MUST _Fail the WebSocket Connection_."
        List<String> accepts = response.headers(ACCEPT);
        String expected = accept(key);
        if (!accepts.equals(List.of(expected))) {
            return ClientVerdict.failed("the response's Sec-WebSocket-Accept is " + HeaderValues.quote(accepts)
                    + " instead of \"" + expected + "\"; what answered is a cache or no WebSocket server");
        }
        return judgeSelection(response, offeredSubprotocols, isDeflateOffered);
    }

    private static String advice(int status) {
        if (status == 401 || status == 403 || status == 407) {
            return "check the credentials and the origin";
        }
        if (status >= 300 && status < 400) {
            return "redirects are not followed; use the address it redirects to";
        }
        return status >= 500 ? "the server or a proxy is failing; try again later" : "check the URL";
    }

    private static ClientVerdict judgeSelection(
            ResponseHead response, List<String> offeredSubprotocols, boolean isDeflateOffered) {
        // §4.1: "the use of an extension that was not present in the client's handshake".
        List<String> extensions = new ArrayList<>(response.headers(EXTENSIONS));
        extensions.removeIf(String::isBlank);
        if (!extensions.isEmpty() && isDeflateOffered) {
            String refusal = PermessageDeflate.refusal(extensions);
            if (refusal != null) {
                return ClientVerdict.failed(refusal);
            }
        } else if (!extensions.isEmpty()) {
            return ClientVerdict.failed("the server selected the extensions " + HeaderValues.quote(extensions)
                    + ", but none was offered; correct the server");
        }
        String extension = extensions.isEmpty() ? null : String.join(", ", extensions);
        List<String> selected = response.headers(PROTOCOL);
        if (selected.isEmpty()) {
            return ClientVerdict.open(null, extension);
        }
        // §11.3.4: "the |Sec-WebSocket-Protocol| header field MUST NOT appear more than once in an HTTP response";
        // §4.1: nor
        // may it be "a subprotocol that was not present in the client's handshake".
        if (selected.size() != 1 || !offeredSubprotocols.contains(selected.get(0))) {
            return ClientVerdict.failed("the server selected the subprotocol " + HeaderValues.quote(selected)
                    + "; it must be one of those offered, " + HeaderValues.quote(offeredSubprotocols));
        }
        return ClientVerdict.open(selected.get(0), extension);
    }
}
