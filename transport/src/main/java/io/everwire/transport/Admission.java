package io.everwire.transport;

import io.everwire.Handshake;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may enter. Asked on the event loop and must not block; may answer later and on any thread, but within the handshake's
 * deadline. The origin has been judged, and the connection has a place.
 */
@FunctionalInterface
public interface Admission {
    /**
     * Judges a request that is a valid upgrade. One that throws, or whose stage fails, is answered with 500.
     *
     * @param asked what was asked; no subprotocol is agreed on yet
     * @param subprotocols what the client offers, its preferred one first
     */
    CompletionStage<Answer> judge(Handshake asked, List<String> subprotocols);

    /** What an admission answers: {@link #accept} or {@link #refuse}. */
    final class Answer {
        final @Nullable Function<Handshake, ServerSession.Config> session;
        final @Nullable String subprotocol;
        final @Nullable Principal principal;
        final Entry entry;
        final int status;
        final String reason;
        final Map<String, String> headers;

        private Answer(
                @Nullable Function<Handshake, ServerSession.Config> session,
                @Nullable String subprotocol,
                @Nullable Principal principal,
                Entry entry,
                int status,
                String reason,
                Map<String, String> headers) {
            this.session = session;
            this.subprotocol = subprotocol;
            this.principal = principal;
            this.entry = entry;
            this.status = status;
            this.reason = reason;
            this.headers = Map.copyOf(headers);
        }

        /**
         * Lets the client in.
         *
         * @param session says what its session is made of; runs on the event loop; one that throws is answered with 500
         * @param subprotocol one of the offered ones, null for none
         * @param principal who the client is, null for nobody known
         * @param entry is told when the session begins and ends
         */
        public static Answer accept(
                Function<Handshake, ServerSession.Config> session,
                @Nullable String subprotocol,
                @Nullable Principal principal,
                Entry entry) {
            return new Answer(session, subprotocol, principal, entry, 101, "", Map.of());
        }

        /**
         * Turns the client away.
         *
         * @param status an HTTP status from 400 to 599
         * @param reason a sentence for the body and the log, ASCII; nothing that the client sent
         * @param headers what the answer carries, for example {@code WWW-Authenticate}
         * @throws IllegalArgumentException when the status is outside, or a header is none
         */
        public static Answer refuse(int status, String reason, Map<String, String> headers) {
            if (status < 400 || status > 599) {
                throw new IllegalArgumentException(
                        "a client is refused with a status from 400 to 599, not with " + status);
            }
            headers.forEach((name, value) -> {
                if (!name.matches("[A-Za-z0-9-]+") || !value.matches("[\\x20-\\x7e\\t]*")) {
                    throw new IllegalArgumentException(
                            "the header '" + Texts.printable(name) + "' is none that can be sent");
                }
            });
            return new Answer(null, null, null, Entry.NONE, status, Texts.printable(reason), headers);
        }
    }

    /** Is told when a session begins and ends, on its event loop. */
    interface Entry {
        /** Is told nothing. */
        Entry NONE = new Entry() {
            @Override
            public void began(ServerSession session) {}

            @Override
            public void ended(ServerSession session) {}
        };

        /** The session exists and has a connection; no callback of its listener has run yet. */
        void began(ServerSession session);

        /** The session's connection has ended. */
        void ended(ServerSession session);
    }
}
