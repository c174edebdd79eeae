package io.everwire.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.CompressionPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Negotiating permessage-deflate, RFC 7692 §5 and §7.1. */
class PermessageDeflateTest {
    /** Asks for nothing beyond the extension itself. */
    private static final CompressionPolicy KEEPING = CompressionPolicy.DEFAULT.withContext(true, true);

    @Nested
    class AServer {
        private static @Nullable String answer(CompressionPolicy policy, String... lines) {
            return PermessageDeflate.answer(List.of(lines), policy);
        }

        @DisplayName("what is offered, what a server that keeps contexts answers")
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "permessage-deflate | permessage-deflate",
                    "permessage-deflate; server_no_context_takeover | permessage-deflate; server_no_context_takeover",
                    "permessage-deflate; client_no_context_takeover | permessage-deflate; client_no_context_takeover",
                    "permessage-deflate; client_max_window_bits | permessage-deflate",
                    "permessage-deflate; client_max_window_bits=15 | permessage-deflate",
                    "permessage-deflate; client_max_window_bits=9 | permessage-deflate; client_max_window_bits=9",
                    "permessage-deflate; server_max_window_bits=8 | permessage-deflate; server_max_window_bits=8",
                    "permessage-deflate; server_max_window_bits=15 | permessage-deflate; server_max_window_bits=15",
                    "permessage-deflate;server_max_window_bits=\"10\" | permessage-deflate; server_max_window_bits=10",
                    "permessage-deflate ; client_max_window_bits = 9 | permessage-deflate; client_max_window_bits=9",
                    "x, permessage-deflate | permessage-deflate",
                    "x; y=\"z\", , permessage-deflate, permessage-deflate; client_no_context_takeover | permessage-deflate",
                    "permessage-deflate; server_max_window_bits=7, permessage-deflate | permessage-deflate"
                })
        void acceptsTheFirstValidOffer(String offer, String answer) {
            assertThat(answer(KEEPING, offer)).isEqualTo(answer);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "server_max_window_bits",
                    "server_max_window_bits=7",
                    "server_max_window_bits=16",
                    "server_max_window_bits=08",
                    "server_max_window_bits=+9",
                    "server_max_window_bits=-9",
                    "server_max_window_bits=9.0",
                    "server_max_window_bits=100000000000000000000",
                    "client_max_window_bits=7",
                    "client_max_window_bits=16",
                    "client_max_window_bits=08",
                    "client_max_window_bits=\"100000000000000000000\"",
                    "server_no_context_takeover=1",
                    "client_no_context_takeover=true",
                    "server_no_context_takeover; server_no_context_takeover",
                    "client_no_context_takeover; client_no_context_takeover",
                    "client_max_window_bits=9; client_max_window_bits=9",
                    "client_max_window_bits; client_max_window_bits=9",
                    "server_max_window_bits=9; server_max_window_bits=10",
                    "unknown",
                    "unknown=1",
                    "Server_no_context_takeover"
                })
        @DisplayName("PMD-06: parameters that RFC 7692 does not allow")
        void declinesParametersThatAreNotAllowed(String parameters) {
            assertThat(answer(KEEPING, "permessage-deflate; " + parameters)).isNull();
            assertThat(answer(KEEPING, "permessage-deflate; " + parameters + ", permessage-deflate"))
                    .isEqualTo("permessage-deflate");
        }

        @Test
        void agreesToNothingWhenNothingIsOffered() {
            assertThat(answer(KEEPING)).isNull();
            assertThat(answer(KEEPING, "")).isNull();
            assertThat(answer(KEEPING, "permessage-bzip2", "x-webkit-deflate-frame"))
                    .isNull();
        }

        @Test
        void readsAllLines() {
            assertThat(answer(KEEPING, "x", "permessage-deflate; client_max_window_bits=8"))
                    .isEqualTo("permessage-deflate; client_max_window_bits=8");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    ";",
                    "permessage-deflate;",
                    "permessage-deflate; ; client_max_window_bits",
                    "permessage-deflate; server_max_window_bits=",
                    "permessage-deflate; server_max_window_bits=\"",
                    "permessage-deflate; server_max_window_bits=\"9",
                    "permessage-deflate; server_max_window_bits=\"\"",
                    "permessage-deflate; server_max_window_bits=\"1 0\"",
                    "permessage-deflate; server_max_window_bits=\"9\\",
                    "permessage-deflate; server_max_window_bits=9 9",
                    "permessage-deflate; =9",
                    "permessage deflate",
                    "permessage-deflate/1",
                    "permessage-defl\u00e4te",
                    "\"permessage-deflate\""
                })
        void refusesAHeaderThatIsNoListOfExtensions(String header) {
            assertThatThrownBy(() -> answer(KEEPING, header))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Sec-WebSocket-Extensions")
                    .hasMessageContaining("RFC 6455 section 9.1");
        }

        @Test
        void asksForWhatItWantsWhereItMay() {
            CompressionPolicy small =
                    CompressionPolicy.DEFAULT.withContext(false, false).withWindowBits(10, 11);
            assertThat(answer(small, "permessage-deflate"))
                    .isEqualTo("permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
                            + " server_max_window_bits=10");
            assertThat(answer(small, "permessage-deflate; client_max_window_bits"))
                    .endsWith("; server_max_window_bits=10; client_max_window_bits=11");
            assertThat(answer(small, "permessage-deflate; server_max_window_bits=9; client_max_window_bits=8"))
                    .endsWith("; server_max_window_bits=9; client_max_window_bits=8");
            assertThat(answer(small, "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"))
                    .endsWith("; server_max_window_bits=10; client_max_window_bits=11");
        }

        @Test
        void readsEachCharacterOfALongListOnce() {
            String many = "permessage-deflate; server_max_window_bits=7, ".repeat(20_000);
            assertThat(answer(KEEPING, many)).isNull();
            assertThat(answer(KEEPING, many + "permessage-deflate")).isEqualTo("permessage-deflate");
            String nested = "permessage-deflate" + "; x=\"\\1\"".repeat(20_000);
            assertThat(answer(KEEPING, nested)).isNull();
        }
    }

    @Nested
    class AClient {
        @Test
        void offersWhatItWantsAndThenWhatEveryServerCan() {
            assertThat(PermessageDeflate.offer(KEEPING)).isEqualTo("permessage-deflate; client_max_window_bits");
            assertThat(PermessageDeflate.offer(CompressionPolicy.DEFAULT))
                    .isEqualTo("permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
                            + " client_max_window_bits, permessage-deflate; client_no_context_takeover;"
                            + " client_max_window_bits");
            assertThat(PermessageDeflate.offer(KEEPING.withWindowBits(9, 10)))
                    .isEqualTo("permessage-deflate; server_max_window_bits=10; client_max_window_bits=9,"
                            + " permessage-deflate; client_max_window_bits=9");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "permessage-deflate",
                    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                    "permessage-deflate; server_max_window_bits=8; client_max_window_bits=15",
                    "permessage-deflate; client_max_window_bits=\"8\""
                })
        void takesEveryValidResponse(String response) {
            assertThat(PermessageDeflate.refusal(List.of(response))).isNull();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "permessage-deflate; server_max_window_bits",
                    "permessage-deflate; client_max_window_bits",
                    "permessage-deflate; server_max_window_bits=7",
                    "permessage-deflate; client_max_window_bits=16",
                    "permessage-deflate; client_max_window_bits=08",
                    "permessage-deflate; server_no_context_takeover=1",
                    "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
                    "permessage-deflate; unknown",
                    "permessage-deflate, permessage-deflate",
                    "permessage-deflate, x",
                    "x",
                    "permessage-deflate; ;",
                    "permessage-deflate; server_max_window_bits=\""
                })
        @DisplayName("PMD-06: responses that RFC 7692 does not allow")
        void failsOnEveryOtherResponse(String response) {
            assertThat(PermessageDeflate.refusal(List.of(response)))
                    .startsWith("the server selected the extension")
                    .endsWith("; correct the server");
            assertThatThrownBy(() -> PermessageDeflate.agreement(response))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void failsOnTwoResponses() {
            assertThat(PermessageDeflate.refusal(List.of("permessage-deflate", "permessage-deflate")))
                    .contains("only permessage-deflate was offered, once");
        }
    }

    @Test
    void bothEndsReadTheSameInAResponse() {
        assertThat(PermessageDeflate.agreement("permessage-deflate"))
                .isEqualTo(new DeflateAgreement(true, true, 15, 15));
        DeflateAgreement agreed =
                PermessageDeflate.agreement("permessage-deflate; server_no_context_takeover; server_max_window_bits=9;"
                        + " client_max_window_bits=12");
        assertThat(agreed).isEqualTo(new DeflateAgreement(false, true, 9, 12));
        assertThat(agreed.keepsContext(Role.SERVER)).isFalse();
        assertThat(agreed.keepsContext(Role.CLIENT)).isTrue();
        assertThat(agreed.windowBits(Role.SERVER)).isEqualTo(9);
        assertThat(agreed.windowBits(Role.CLIENT)).isEqualTo(12);
    }

    @Test
    void ourServerAgreesToWhatOurClientOffers() {
        for (boolean own : new boolean[] {false, true}) {
            for (boolean peer : new boolean[] {false, true}) {
                for (int bits = 8; bits <= 15; bits++) {
                    CompressionPolicy client =
                            CompressionPolicy.DEFAULT.withContext(own, peer).withWindowBits(bits, 23 - bits);
                    String answer = PermessageDeflate.answer(List.of(PermessageDeflate.offer(client)), KEEPING);
                    assertThat(answer).isNotNull();
                    assertThat(PermessageDeflate.refusal(List.of(String.valueOf(answer))))
                            .isNull();
                    assertThat(PermessageDeflate.agreement(String.valueOf(answer)))
                            .isEqualTo(new DeflateAgreement(peer, own, 23 - bits, bits));
                }
            }
        }
    }
}
