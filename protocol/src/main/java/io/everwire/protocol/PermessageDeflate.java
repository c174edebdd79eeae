package io.everwire.protocol;

import io.everwire.CompressionPolicy;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rules of negotiating permessage-deflate in the opening handshake (RFC 7692 §5, §7.1), for both roles. */
public final class PermessageDeflate {
    private static final String NAME = "permessage-deflate";
    private static final String SERVER_NO_CONTEXT = "server_no_context_takeover";
    private static final String CLIENT_NO_CONTEXT = "client_no_context_takeover";
    private static final String SERVER_WINDOW = "server_max_window_bits";
    private static final String CLIENT_WINDOW = "client_max_window_bits";
    private static final int LEAST_BITS = CompressionPolicy.LEAST_WINDOW_BITS;
    private static final int MOST_BITS = CompressionPolicy.MOST_WINDOW_BITS;
    /** In place of a window: the parameter is absent. */
    private static final int ABSENT = 0;
    /** In place of a window: the parameter is there and has no value. */
    private static final int ANY = -1;

    private PermessageDeflate() {}

    /** The parameters of one offer or of one response; each window is its bits, {@link #ABSENT} or {@link #ANY}. */
    private record Parameters(boolean serverNoContext, boolean clientNoContext, int serverBits, int clientBits) {
        String text() {
            return NAME
                    + (serverNoContext ? "; " + SERVER_NO_CONTEXT : "")
                    + (clientNoContext ? "; " + CLIENT_NO_CONTEXT : "")
                    + text(SERVER_WINDOW, serverBits)
                    + text(CLIENT_WINDOW, clientBits);
        }

        private static String text(String name, int bits) {
            return bits == ABSENT ? "" : "; " + name + (bits == ANY ? "" : "=" + bits);
        }
    }

    /**
     * Returns what a client sends in {@code Sec-WebSocket-Extensions}: what it wants, and if that asks something of the server, an offer
     * behind it that does not (RFC 7692 §5: "The order of elements is important as it specifies the client's preference").
     */
    public static String offer(CompressionPolicy policy) {
        // §7.1.2.2: "By including this parameter in an extension negotiation offer, a client informs the peer server
        // that the
        // client supports the "client_max_window_bits" extension parameter in an extension negotiation response".
        int ownBits = policy.ownWindowBits() == MOST_BITS ? ANY : policy.ownWindowBits();
        int serverBits = policy.peerWindowBits() == MOST_BITS ? ABSENT : policy.peerWindowBits();
        Parameters least = new Parameters(false, !policy.keepsOwnContext(), ABSENT, ownBits);
        Parameters wanted = new Parameters(!policy.keepsPeerContext(), !policy.keepsOwnContext(), serverBits, ownBits);
        return wanted.equals(least) ? least.text() : wanted.text() + ", " + least.text();
    }

    /**
     * Chooses among the offers of a client, on the server: the first that conforms. All windows are supported, so no valid offer is
     * declined.
     *
     * @param headerValues the values of all {@code Sec-WebSocket-Extensions} lines of a request
     * @return what the response must say; null when there is nothing to agree on, and the connection goes on without
     * @throws IllegalArgumentException when the header is malformed, which is answered with 400; its message is printable
     */
    public static @Nullable String answer(List<String> headerValues, CompressionPolicy policy) {
        List<ExtensionHeader.Element> elements = ExtensionHeader.read(headerValues);
        if (elements == null) {
            throw new IllegalArgumentException("the Sec-WebSocket-Extensions are " + HeaderValues.quote(headerValues)
                    + "; they must be a list as in RFC 6455 section 9.1");
        }
        for (ExtensionHeader.Element element : elements) {
            Parameters offered = element.name().equals(NAME) ? read(element) : null;
            if (offered != null && offered.serverBits != ANY) {
                return answer(offered, policy).text();
            }
        }
        return null;
    }

    private static Parameters answer(Parameters offered, CompressionPolicy policy) {
        // §7.1.2.1: "A server accepts an extension negotiation offer with this parameter by including the
        // "server_max_window_bits"
        // extension parameter in the extension negotiation response [...] with the same or smaller value as the offer."
        int serverBits = offered.serverBits == ABSENT ? MOST_BITS : offered.serverBits;
        serverBits = Math.min(serverBits, policy.ownWindowBits());
        boolean isServerBound = offered.serverBits != ABSENT || serverBits < MOST_BITS;
        // §7.1.2.2: "If a received extension negotiation offer doesn't have the "client_max_window_bits" extension
        // parameter, the
        // corresponding extension negotiation response to the offer MUST NOT include the "client_max_window_bits"
        // extension
        // parameter."
        int clientBits = offered.clientBits > 0 ? offered.clientBits : MOST_BITS;
        clientBits = Math.min(clientBits, policy.peerWindowBits());
        boolean isClientBound = offered.clientBits != ABSENT && clientBits < MOST_BITS;
        // §7.1.1.1: "A server accepts an extension negotiation offer that includes the "server_no_context_takeover"
        // extension
        // parameter by including [it]"; of both it may include either unasked.
        return new Parameters(
                offered.serverNoContext || !policy.keepsOwnContext(),
                offered.clientNoContext || !policy.keepsPeerContext(),
                isServerBound ? serverBits : ABSENT,
                isClientBound ? clientBits : ABSENT);
    }

    /**
     * Judges what a server has accepted, on the client that sent {@link #offer}.
     *
     * @param headerValues the values of all {@code Sec-WebSocket-Extensions} lines of the response, at least one
     * @return why the connection must be failed, a sentence; null when it is {@linkplain #agreement an agreement}
     */
    static @Nullable String refusal(List<String> headerValues) {
        List<ExtensionHeader.Element> elements = ExtensionHeader.read(headerValues);
        if (elements == null || elements.size() != 1 || !elements.get(0).name().equals(NAME)) {
            return "the server selected the extensions " + HeaderValues.quote(headerValues)
                    + ", but only permessage-deflate was offered, once; correct the server";
        }
        Parameters accepted = read(elements.get(0));
        // §7: a client fails the connection on a parameter that is "not defined for use in a response", has "an invalid
        // value" or
        // occurs more than once. There each window has a value.
        return accepted == null || accepted.serverBits == ANY || accepted.clientBits == ANY
                ? "the server selected the extension " + HeaderValues.quote(headerValues)
                        + ", whose parameters RFC 7692 does not allow; correct the server"
                : null;
    }

    /**
     * Returns what a response agrees on.
     *
     * @param response what {@link #answer} has returned on a server, or what a client has received and found valid
     * @throws IllegalArgumentException when it is neither
     */
    public static DeflateAgreement agreement(String response) {
        String refusal = refusal(List.of(response));
        List<ExtensionHeader.Element> elements = ExtensionHeader.read(List.of(response));
        Parameters agreed = refusal != null || elements == null ? null : read(elements.get(0));
        if (agreed == null) {
            throw new IllegalArgumentException("no agreement: " + refusal);
        }
        return new DeflateAgreement(
                !agreed.serverNoContext,
                !agreed.clientNoContext,
                agreed.serverBits == ABSENT ? MOST_BITS : agreed.serverBits,
                agreed.clientBits == ABSENT ? MOST_BITS : agreed.clientBits);
    }

    /** Returns the parameters; null when there is one that must not be there, occurs twice or has a value that it must not have. */
    private static @Nullable Parameters read(ExtensionHeader.Element element) {
        boolean serverNoContext = false;
        boolean clientNoContext = false;
        int serverBits = ABSENT;
        int clientBits = ABSENT;
        boolean isValid = !element.isRepeated();
        for (Map.Entry<String, String> parameter : element.parameters().entrySet()) {
            String value = parameter.getValue();
            switch (parameter.getKey()) {
                case SERVER_NO_CONTEXT -> serverNoContext = value.isEmpty();
                case CLIENT_NO_CONTEXT -> clientNoContext = value.isEmpty();
                case SERVER_WINDOW -> serverBits = bits(value);
                case CLIENT_WINDOW -> clientBits = bits(value);
                default -> isValid = false;
            }
        }
        isValid &= !element.parameters().containsKey(SERVER_NO_CONTEXT) || serverNoContext;
        isValid &= !element.parameters().containsKey(CLIENT_NO_CONTEXT) || clientNoContext;
        isValid &= !element.parameters().containsKey(SERVER_WINDOW) || serverBits != ABSENT;
        isValid &= !element.parameters().containsKey(CLIENT_WINDOW) || clientBits != ABSENT;
        return isValid ? new Parameters(serverNoContext, clientNoContext, serverBits, clientBits) : null;
    }

    /** §7.1.2.1: "a decimal integer value without leading zeroes between 8 to 15, inclusive"; {@link #ABSENT} for anything else. */
    private static int bits(String value) {
        if (value.isEmpty()) {
            return ANY;
        }
        for (int bits = LEAST_BITS; bits <= MOST_BITS; bits++) {
            if (value.equals(Integer.toString(bits))) {
                return bits;
            }
        }
        return ABSENT;
    }
}
