package io.everwire.verification.interop;

import java.util.List;

/**
 * The few words that every peer obeys, sent to it as text; everything else it sends back. The programs beside this package's
 * resources obey the same.
 */
final class Orders {
    /** What a peer offers, or is offered; a peer that serves speaks the second only. */
    static final List<String> OFFERED = List.of("chat.v9", "chat.v2");

    static final String SUBPROTOCOL = "chat.v2";
    static final String PING = "!ping ";
    static final String CLOSE = "!close ";
    static final String FRAGMENTS = "!fragments";
    static final String SUBPROTOCOL_PLEASE = "!subprotocol";
    static final List<String> PARTS = List.of("fra\u20ac", "gmen\ud83d\ude00", "ted");

    private Orders() {}

    /** What a peer in this JVM can do on its connection. */
    interface Line {
        void send(String text) throws Exception;

        /** Sends one message in frames of these texts. */
        void send(List<String> parts) throws Exception;

        /** Sends a ping; the pong's payload is told by {@code send("pong " + payload)}. */
        void ping(String payload) throws Exception;

        void close(int code, String reason) throws Exception;

        String subprotocol();
    }

    static void obey(String text, Line line) throws Exception {
        if (text.startsWith(PING)) {
            line.ping(text.substring(PING.length()));
        } else if (text.startsWith(CLOSE)) {
            String[] words = text.substring(CLOSE.length()).split(" ", 2);
            line.close(Integer.parseInt(words[0]), words[1]);
        } else if (text.equals(FRAGMENTS)) {
            line.send(PARTS);
        } else if (text.equals(SUBPROTOCOL_PLEASE)) {
            line.send("subprotocol " + line.subprotocol());
        } else {
            line.send(text);
        }
    }
}
