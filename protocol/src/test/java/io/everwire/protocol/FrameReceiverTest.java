package io.everwire.protocol;

import static io.everwire.protocol.Wire.BINARY;
import static io.everwire.protocol.Wire.CLOSE;
import static io.everwire.protocol.Wire.CONTINUATION;
import static io.everwire.protocol.Wire.FIN;
import static io.everwire.protocol.Wire.PING;
import static io.everwire.protocol.Wire.TEXT;
import static io.everwire.protocol.Wire.bytes;
import static io.everwire.protocol.Wire.join;
import static io.everwire.protocol.Wire.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each rule of RFC 6455 on frames makes of what a peer sends. */
class FrameReceiverTest {
    @Nested
    class Section5_1_Masking {
        @Test
        void serverFailsWithProtocolErrorWhenClientFrameIsUnmasked() {
            assertThat(Reading.events(Role.SERVER, Wire.to(Role.CLIENT).text("Hello")))
                    .containsExactly(
                            "FAILED 1002 (a frame from a client is not masked; a client must mask every frame)");
        }

        @Test
        void clientFailsWithProtocolErrorWhenServerFrameIsMasked() {
            assertThat(Reading.events(Role.CLIENT, Wire.to(Role.SERVER).text("Hello")))
                    .containsExactly("FAILED 1002 (a frame from a server is masked; a server must not mask)");
        }

        @Test
        void serverFailsOnUnmaskedEmptyControlFrames() {
            assertThat(Reading.codes(Reading.events(Role.SERVER, bytes(0x89, 0x00))))
                    .containsExactly("FAILED 1002");
        }

        @Test
        void clientFailsOnMaskedEmptyControlFrames() {
            assertThat(Reading.codes(Reading.events(Role.CLIENT, bytes(0x89, 0x80))))
                    .containsExactly("FAILED 1002");
        }
    }

    @Nested
    class Section5_2_BaseFraming {
        @ParameterizedTest
        @EnumSource
        void yieldsWholeMessages(Role role) {
            Wire wire = Wire.to(role);
            byte[] long125 = utf8("x".repeat(125));
            byte[] long126 = utf8("y".repeat(126));
            byte[] long65535 = utf8("z".repeat(65_535));
            byte[] long65536 = utf8("ü".repeat(32_768));

            List<String> events = Reading.events(
                    role,
                    wire.text("Hello"),
                    wire.binary(bytes(0, 0x7F, 0xFF)),
                    wire.text(""),
                    wire.binary(),
                    wire.frame(FIN | TEXT, long125),
                    wire.frame(FIN | TEXT, long126),
                    wire.frame(FIN | TEXT, long65535),
                    wire.frame(FIN | TEXT, long65536));

            assertThat(events)
                    .containsExactly(
                            "TEXT Hello",
                            "BINARY 007fff",
                            "TEXT ",
                            "BINARY ",
                            "TEXT " + "x".repeat(125),
                            "TEXT " + "y".repeat(126),
                            "TEXT " + "z".repeat(65_535),
                            "TEXT " + "ü".repeat(32_768));
        }

        @Test
        void clientReadsTheExamplesOfSection5_7() {
            byte[] unmaskedHello = bytes(0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F);
            byte[] fragmentedHello = bytes(0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F);
            byte[] unmaskedPing = bytes(0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F);
            assertThat(Reading.events(Role.CLIENT, unmaskedHello, fragmentedHello, unmaskedPing))
                    .containsExactly("TEXT Hello", "TEXT Hello", "PING Hello");
        }

        @Test
        void serverReadsTheExamplesOfSection5_7() {
            byte[] maskedHello = bytes(0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58);
            byte[] maskedPong = bytes(0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58);
            assertThat(Reading.events(Role.SERVER, maskedHello, maskedPong))
                    .containsExactly("TEXT Hello", "PONG Hello");
        }

        @ParameterizedTest
        @EnumSource
        void failsOnEveryReservedBitOfEveryOpcode(Role role) {
            for (int reserved = 0x10; reserved <= 0x70; reserved += 0x10) {
                for (int opcode = 0; opcode <= 0xF; opcode++) {
                    byte[] frame = Wire.to(role).frame(FIN | reserved | opcode);
                    assertThat(Reading.events(role, frame))
                            .containsExactly("FAILED 1002 (the reserved bits are 0x" + Integer.toHexString(reserved)
                                    + "; they must be 0, no extension is negotiated)");
                }
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF})
        void failsOnReservedOpcodesAtTheirFirstByte(int opcode) {
            for (Role role : Role.values()) {
                assertThat(Reading.codes(Reading.events(role, bytes(FIN | opcode))))
                        .containsExactly("FAILED 1002");
                assertThat(Reading.codes(Reading.events(role, bytes(opcode)))).containsExactly("FAILED 1002");
            }
        }

        @ParameterizedTest
        @CsvSource({"0, 2", "1, 2", "125, 2", "0, 8", "125, 8", "126, 8", "65535, 8"})
        void failsWhenTheLengthIsNotMinimal(int length, int lengthBytes) {
            for (Role role : Role.values()) {
                assertThat(Reading.events(role, Wire.to(role).header(FIN | BINARY, length, lengthBytes)))
                        .containsExactly("FAILED 1002 (payload length " + length + " is encoded in " + lengthBytes
                                + " bytes; the fewest must be used)");
            }
        }
    }

    @Nested
    class Section5_4_Fragmentation {
        @ParameterizedTest
        @EnumSource
        void joinsTheFragmentsOfAMessage(Role role) {
            Wire wire = Wire.to(role);
            assertThat(Reading.events(
                            role,
                            wire.frame(TEXT, utf8("Hel")),
                            wire.frame(CONTINUATION),
                            wire.frame(CONTINUATION, utf8("lo, ")),
                            wire.frame(FIN | CONTINUATION, utf8("world")),
                            wire.frame(BINARY, bytes(1)),
                            wire.frame(FIN | CONTINUATION)))
                    .containsExactly("TEXT Hello, world", "BINARY 01");
        }

        @DisplayName("CTL-04: control frames between fragments")
        @ParameterizedTest
        @EnumSource
        void yieldsControlFramesBetweenFragments(Role role) {
            Wire wire = Wire.to(role);
            byte[] conversation = join(
                    wire.frame(TEXT, utf8("one ")),
                    wire.ping("p1"),
                    wire.frame(CONTINUATION, utf8("two ")),
                    wire.pong("p2"),
                    wire.ping(""),
                    wire.frame(FIN | CONTINUATION, utf8("three")));
            assertThat(Reading.events(role, conversation))
                    .containsExactly("PING p1", "PONG p2", "PING ", "TEXT one two three");
        }

        @DisplayName("FRAG-03: what is progress of a message")
        @ParameterizedTest
        @EnumSource
        void takesHeadersAndBytesOfDataFramesForProgressAndNothingElse(Role role) {
            Wire wire = Wire.to(role);
            try (Reading reading = Reading.of(role)) {
                byte[] begin = wire.frame(TEXT, utf8("one"));
                long last = 0;
                for (int i = 0; i < begin.length; i++) {
                    reading.read(begin[i]);
                    boolean isHeaderComplete = i >= begin.length - 4;
                    assertThat(reading.receiver.dataProgress()).isEqualTo(last += isHeaderComplete ? 1 : 0);
                    assertThat(reading.receiver.isInsideMessage()).isEqualTo(isHeaderComplete);
                }
                reading.read(wire.ping("p1")).read(wire.pong("p2"));
                assertThat(reading.receiver.dataProgress()).isEqualTo(last);
                reading.read(wire.frame(CONTINUATION, utf8("")));
                assertThat(reading.receiver.dataProgress()).isGreaterThan(last);
                // The end of one message and the begin of the next, in one read.
                reading.read(join(wire.frame(FIN | CONTINUATION, utf8("")), wire.frame(TEXT, utf8("one"))));
                assertThat(reading.receiver.isInsideMessage()).isTrue();
                assertThat(reading.receiver.dataProgress()).isGreaterThan(2 * last);
            }
        }

        @ParameterizedTest
        @EnumSource
        void failsOnAContinuationOfNothing(Role role) {
            Wire wire = Wire.to(role);
            assertThat(Reading.codes(Reading.events(role, wire.text("a"), wire.frame(FIN | CONTINUATION, utf8("b")))))
                    .containsExactly("TEXT a", "FAILED 1002");
            assertThat(Reading.codes(Reading.events(role, wire.frame(CONTINUATION))))
                    .containsExactly("FAILED 1002");
        }

        @ParameterizedTest
        @EnumSource
        void failsOnANewMessageInsideAFragmentedOne(Role role) {
            Wire wire = Wire.to(role);
            assertThat(Reading.events(role, wire.frame(TEXT, utf8("a")), wire.frame(CONTINUATION), wire.binary()))
                    .containsExactly(
                            "FAILED 1002 (a data frame of opcode 0x2 came after 2 fragments of an unfinished message)");
            assertThat(Reading.codes(Reading.events(role, wire.frame(BINARY), wire.text("x"))))
                    .containsExactly("FAILED 1002");
        }
    }

    @Nested
    class Section5_5_ControlFrames {
        @ParameterizedTest
        @EnumSource
        void yieldsPingsAndPongsOfUpTo125Bytes(Role role) {
            Wire wire = Wire.to(role);
            String longest = "p".repeat(125);
            assertThat(Reading.events(role, wire.ping(longest), wire.pong(longest)))
                    .containsExactly("PING " + longest, "PONG " + longest);
        }

        @DisplayName("CTL-04: control frames that are too long")
        @ParameterizedTest
        @ValueSource(ints = {0x8, 0x9, 0xA})
        void failsWhenTheyAreLongerThan125Bytes(int opcode) {
            for (Role role : Role.values()) {
                Wire wire = Wire.to(role);
                assertThat(Reading.codes(Reading.events(role, wire.header(FIN | opcode, 126, 2))))
                        .containsExactly("FAILED 1002");
                assertThat(Reading.codes(Reading.events(role, wire.header(FIN | opcode, 65_536, 8))))
                        .containsExactly("FAILED 1002");
            }
        }

        @DisplayName("CTL-04: fragmented control frames")
        @ParameterizedTest
        @ValueSource(ints = {0x8, 0x9, 0xA})
        void failsWhenTheyAreFragmented(int opcode) {
            for (Role role : Role.values()) {
                assertThat(Reading.codes(Reading.events(role, bytes(opcode)))).containsExactly("FAILED 1002");
            }
        }

        @ParameterizedTest
        @EnumSource
        void keepsAPingThatComesByteByByteInsideAMessage(Role role) {
            Wire wire = Wire.to(role);
            try (Reading reading = Reading.of(role)) {
                reading.read(wire.frame(TEXT, utf8("mess")));
                for (byte next : wire.ping("still there?")) {
                    assertThat(reading.events).isEmpty();
                    reading.read(next);
                }
                reading.read(wire.frame(FIN | CONTINUATION, utf8("age")));
                assertThat(reading.events).containsExactly("PING still there?", "TEXT message");
            }
        }
    }

    @Nested
    class Section5_5_1_Close {
        @ParameterizedTest
        @EnumSource
        void yieldsTheStatusThatWasSent(Role role) {
            Wire wire = Wire.to(role);
            assertThat(Reading.events(role, wire.close(1000, "bye"))).containsExactly("CLOSE 1000 (bye)");
            assertThat(Reading.events(role, wire.close(4999, "ü".repeat(61))))
                    .containsExactly("CLOSE 4999 (" + "ü".repeat(61) + ")");
            assertThat(Reading.events(role, wire.close(3000, ""))).containsExactly("CLOSE 3000");
        }

        @ParameterizedTest
        @EnumSource
        void yieldsNoStatusWhenTheFrameIsEmpty(Role role) {
            assertThat(Reading.events(role, Wire.to(role).frame(FIN | CLOSE))).containsExactly("CLOSE null");
        }

        @ParameterizedTest
        @EnumSource
        void failsOnAPayloadOfOneByte(Role role) {
            assertThat(Reading.codes(Reading.events(role, Wire.to(role).frame(FIN | CLOSE, bytes(3)))))
                    .containsExactly("FAILED 1002");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
        void failsOnCodesThatMustNotBeSent(int code) {
            for (Role role : Role.values()) {
                assertThat(Reading.events(role, Wire.to(role).close(code, "")))
                        .containsExactly("FAILED 1002 (close code " + code + " must not be sent in a close frame)");
            }
        }

        @ParameterizedTest
        @EnumSource
        void failsWithInvalidPayloadWhenTheReasonIsNotUtf8(Role role) {
            Wire wire = Wire.to(role);
            byte[] impossible = bytes(0x03, 0xE8, 'o', 'k', 0xFF);
            byte[] cutOff = bytes(0x03, 0xE8, 'o', 'k', 0xC3);
            assertThat(Reading.codes(Reading.events(role, wire.frame(FIN | CLOSE, impossible))))
                    .containsExactly("FAILED 1007");
            assertThat(Reading.codes(Reading.events(role, wire.frame(FIN | CLOSE, cutOff))))
                    .containsExactly("FAILED 1007");
        }

        @ParameterizedTest
        @EnumSource
        void endsAFragmentedMessageWithoutYieldingIt(Role role) {
            Wire wire = Wire.to(role);
            assertThat(Reading.events(role, wire.frame(TEXT, utf8("half")), wire.close(1001, "")))
                    .containsExactly("CLOSE 1001");
        }

        @ParameterizedTest
        @EnumSource
        void discardsEverythingAfterIt(Role role) {
            Wire wire = Wire.to(role);
            try (Reading reading = Reading.of(role)) {
                reading.read(join(wire.text("a"), wire.close(1000, ""), wire.text("b"), bytes(0xFF, 0xFF)));
                reading.read(wire.text("c"));
                assertThat(reading.events).containsExactly("TEXT a", "CLOSE 1000");
                assertThat(reading.allocatedBytes()).isZero();
            }
        }
    }

    @Nested
    class Section7_1_7_FailTheConnection {
        @ParameterizedTest
        @EnumSource
        void yieldsEverythingValidBeforeTheFailure(Role role) {
            Wire wire = Wire.to(role);
            byte[] conversation =
                    join(wire.text("a"), wire.ping("b"), wire.binary(bytes(1)), bytes(0xFF), wire.text("c"));
            assertThat(Reading.codes(Reading.events(role, conversation)))
                    .containsExactly("TEXT a", "PING b", "BINARY 01", "FAILED 1002");
        }

        @ParameterizedTest
        @EnumSource
        void discardsEverythingAfterTheFailure(Role role) {
            try (Reading reading = Reading.of(role)) {
                reading.read(bytes(0xFF)).read(Wire.to(role).text("late"));
                assertThat(Reading.codes(reading.events)).containsExactly("FAILED 1002");
                assertThat(reading.allocatedBytes()).isZero();
                assertThat(reading.receiver.isInsideFrame()).isFalse();
            }
        }
    }

    @Nested
    class Section8_1_InvalidUtf8 {
        @ParameterizedTest
        @EnumSource
        void failsAtTheFirstImpossibleByteBeforeTheRestOfTheFrame(Role role) {
            byte[] frame =
                    Wire.to(role).frame(FIN | TEXT, join(utf8("κόσμε"), bytes(0xF4, 0x90, 0x80, 0x80), utf8("!")));
            int impossible = frame.length - 4;
            try (Reading reading = Reading.of(role)) {
                for (int i = 0; i < impossible; i++) {
                    reading.read(frame[i]);
                    assertThat(reading.events).isEmpty();
                }
                reading.read(frame[impossible]);
                assertThat(reading.events)
                        .containsExactly("FAILED 1007 (the text is not UTF-8: byte 0x90 cannot stand at offset 11)");
            }
        }

        @ParameterizedTest
        @EnumSource
        void failsAtTheFirstImpossibleByteBeforeTheRestOfTheMessage(Role role) {
            Wire wire = Wire.to(role);
            assertThat(Reading.events(role, wire.frame(TEXT, utf8("ab")), wire.frame(CONTINUATION, bytes('c', 0xC0))))
                    .containsExactly("FAILED 1007 (the text is not UTF-8: byte 0xC0 cannot stand at offset 3)");
        }

        @ParameterizedTest
        @EnumSource
        void acceptsACharacterCutByFragmentsAndAPing(Role role) {
            Wire wire = Wire.to(role);
            assertThat(Reading.events(
                            role,
                            wire.frame(TEXT, bytes(0xF0, 0x9F)),
                            wire.frame(FIN | PING, bytes('p')),
                            wire.frame(CONTINUATION, bytes(0x98)),
                            wire.frame(FIN | CONTINUATION, bytes(0x80))))
                    .containsExactly("PING p", "TEXT 😀");
        }

        @ParameterizedTest
        @EnumSource
        void failsWhenTheMessageEndsWithinACharacter(Role role) {
            Wire wire = Wire.to(role);
            String expected = "FAILED 1007 (the text is not UTF-8: it ends within a character, after 3 bytes)";
            assertThat(Reading.events(role, wire.frame(FIN | TEXT, bytes('a', 0xE2, 0x82))))
                    .containsExactly(expected);
            assertThat(Reading.events(role, wire.frame(TEXT, bytes('a', 0xE2, 0x82)), wire.frame(FIN | CONTINUATION)))
                    .containsExactly(expected);
        }

        @ParameterizedTest
        @EnumSource
        void doesNotJudgeBinaryMessages(Role role) {
            assertThat(Reading.events(role, Wire.to(role).binary(bytes(0xFF, 0xC0))))
                    .containsExactly("BINARY ffc0");
        }
    }
}
