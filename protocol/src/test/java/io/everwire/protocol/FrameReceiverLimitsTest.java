package io.everwire.protocol;

import static io.everwire.protocol.Wire.BINARY;
import static io.everwire.protocol.Wire.CONTINUATION;
import static io.everwire.protocol.Wire.FIN;
import static io.everwire.protocol.Wire.TEXT;
import static io.everwire.protocol.Wire.bytes;
import static io.everwire.protocol.Wire.join;
import static io.everwire.protocol.Wire.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.Limits;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hostile peer can make a receiver hold, compute or believe. */
class FrameReceiverLimitsTest {
    private static final Limits SMALL = Limits.DEFAULT.withMessageBytes(1_000).withFragments(8);

    /** The least that is allocated for incomplete messages. */
    private static final int SMALL_CONSTANT = 512;

    @Nested
    class LengthsThatLie {
        @DisplayName("LEN-01: lengths with the most significant bit")
        @ParameterizedTest
        @ValueSource(longs = {Long.MIN_VALUE, -1, Long.MIN_VALUE + 1, -65_536, 0xFFFF_FFFF_0000_0000L})
        void failWithProtocolErrorWhenTheMostSignificantBitIsSet(long length) {
            for (Role role : Role.values()) {
                assertThat(Reading.events(role, Wire.to(role).header(FIN | BINARY, length, 8)))
                        .containsExactly("FAILED 1002 (payload length " + Long.toUnsignedString(length)
                                + " has its most significant bit set; it must be 0)");
            }
        }

        @DisplayName("LEN-01, LEN-05: lengths at the edges of int and long")
        @ParameterizedTest
        @ValueSource(
                longs = {
                    Long.MAX_VALUE,
                    Long.MAX_VALUE - 3,
                    Long.MAX_VALUE - 4,
                    1L << 62,
                    1L << 32,
                    (1L << 32) - 4,
                    (1L << 32) + 5,
                    1L << 31,
                    (1L << 31) - 1,
                    (1L << 31) - 4,
                    (1 << 20) + 1
                })
        void failWithTooLargeFromTheHeaderAlone(long length) {
            for (Role role : Role.values()) {
                try (Reading reading = Reading.of(role)) {
                    reading.read(Wire.to(role).header(FIN | BINARY, length, 8));
                    assertThat(reading.events)
                            .containsExactly("FAILED 1009 (a frame of " + length
                                    + " bytes after 0 exceeds the limit of 1048576 bytes a message)");
                }
            }
        }

        @DisplayName("LEN-02, LEN-05: sums that overflow")
        @ParameterizedTest
        @ValueSource(longs = {Long.MAX_VALUE, Long.MAX_VALUE - 999, (1L << 32) - 5, (1L << 31) - 5, 996})
        void failWithTooLargeWhenTheSumWouldOverflow(long length) {
            for (Role role : Role.values()) {
                Wire wire = Wire.to(role);
                int lengthBytes = length > 65_535 ? 8 : 2;
                List<String> events = Reading.events(
                        role,
                        SMALL,
                        wire.frame(BINARY, new byte[5]),
                        wire.header(FIN | CONTINUATION, length, lengthBytes));
                assertThat(Reading.codes(events)).containsExactly("FAILED 1009");
            }
        }

        @DisplayName("LEN-06: a reserved opcode and a huge length")
        @ParameterizedTest
        @ValueSource(ints = {0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF})
        void allocateNothingBehindAReservedOpcode(int opcode) {
            for (Role role : Role.values()) {
                for (long length : new long[] {65_536, 1L << 31, 1L << 62, Long.MAX_VALUE}) {
                    try (Reading reading = Reading.of(role)) {
                        reading.read(Wire.to(role).header(FIN | opcode, length, 8));
                        assertThat(Reading.codes(reading.events)).containsExactly("FAILED 1002");
                        assertThat(reading.allocatedBytes()).isZero();
                    }
                }
            }
        }

        @DisplayName("LEN-07: a header alone")
        @ParameterizedTest
        @EnumSource
        void pinNothingWhenOnlyTheHeaderComes(Role role) {
            try (Reading reading = Reading.of(role)) {
                reading.read(Wire.to(role).header(FIN | BINARY, 1 << 20, 8));
                assertThat(reading.events).isEmpty();
                assertThat(reading.allocatedBytes()).isZero();
                assertThat(reading.receiver.isInsideFrame()).isTrue();
                assertThat(reading.receiver.isInsideMessage()).isTrue();
            }
        }

        @DisplayName("LEN-07: a large frame that drips in")
        @ParameterizedTest
        @EnumSource
        void pinAtMostTwiceWhatDripsIn(Role role) {
            try (Reading reading = Reading.of(role)) {
                reading.read(Wire.to(role).header(FIN | BINARY, 1 << 20, 8));
                Set<Long> sizes = new HashSet<>();
                for (int i = 1; i <= 20_000; i++) {
                    reading.read((byte) i);
                    sizes.add(reading.allocatedBytes());
                    assertThat(reading.allocatedBytes()).isLessThanOrEqualTo(2L * i + SMALL_CONSTANT);
                    assertThat(reading.receiver.bufferedBytes()).isEqualTo(i);
                }
                assertThat(sizes)
                        .as("doublings, so that copying is not quadratic")
                        .hasSizeLessThan(16);
            }
        }
    }

    @Nested
    class FragmentsWithoutEnd {
        @DisplayName("FRAG-01, FRAG-05: a message that never ends")
        @ParameterizedTest
        @EnumSource
        void failWithTooLargeAtTheLimitOfBytes(Role role) {
            Wire wire = Wire.to(role);
            byte[] continuation = wire.frame(CONTINUATION, new byte[250]);
            try (Reading reading = new Reading(role, SMALL)) {
                reading.read(wire.frame(BINARY, new byte[250]));
                reading.read(continuation).read(continuation).read(continuation);
                assertThat(reading.events).isEmpty();
                reading.read(wire.header(CONTINUATION, 1, 0));
                assertThat(reading.events)
                        .containsExactly("FAILED 1009 (a frame of 1 bytes after 1000 exceeds the limit of 1000 bytes a"
                                + " message)");
            }
        }

        @DisplayName("FRAG-04: empty fragments without end")
        @ParameterizedTest
        @EnumSource
        void failWithTooLargeAtTheLimitOfFragmentsEvenWhenEmpty(Role role) {
            Wire wire = Wire.to(role);
            byte[] eight = join(wire.frame(TEXT), wire.frame(CONTINUATION), wire.frame(CONTINUATION));
            eight = join(eight, wire.frame(CONTINUATION), wire.frame(CONTINUATION), wire.frame(CONTINUATION));
            eight = join(eight, wire.frame(CONTINUATION));
            byte[] legal = join(eight, wire.frame(FIN | CONTINUATION, utf8("8")));
            byte[] tooMany = join(eight, wire.frame(CONTINUATION), wire.frame(FIN | CONTINUATION));

            assertThat(Reading.events(role, SMALL, legal, legal)).containsExactly("TEXT 8", "TEXT 8");
            assertThat(Reading.events(role, SMALL, tooMany))
                    .containsExactly("FAILED 1009 (a message of more than 8 fragments exceeds the limit)");
        }

        @DisplayName("FRAG-02: fragments of one byte cost their byte")
        @ParameterizedTest
        @EnumSource
        void ofOneByteHoldNoMoreThanTheLimitOfBytes(Role role) {
            Wire wire = Wire.to(role);
            int most = 10_000;
            Limits limits = Limits.DEFAULT.withMessageBytes(most).withFragments(most);
            try (Reading reading = new Reading(role, limits)) {
                reading.read(wire.frame(BINARY, bytes(1)));
                byte[] continuation = wire.frame(CONTINUATION, bytes(1));
                for (int i = 2; i <= most - 1; i++) {
                    reading.read(continuation);
                }
                assertThat(reading.allocatedBytes()).isLessThanOrEqualTo(most + SMALL_CONSTANT);
                reading.read(wire.ping("p".repeat(125)));
                reading.read(wire.frame(FIN | CONTINUATION, bytes(2)));
                assertThat(reading.events)
                        .containsExactly("PING " + "p".repeat(125), "BINARY " + "01".repeat(most - 1) + "02");
                assertThat(reading.allocatedBytes()).isZero();
            }
        }

        @ParameterizedTest
        @EnumSource
        void ofOneMessageDoNotCountForTheNext(Role role) {
            Wire wire = Wire.to(role);
            byte[] message = join(wire.frame(BINARY, new byte[500]), wire.frame(FIN | CONTINUATION, new byte[500]));
            assertThat(Reading.events(role, SMALL, message, message, message, message, message))
                    .hasSize(5)
                    .containsOnly("BINARY " + "00".repeat(1_000));
        }

        @ParameterizedTest
        @EnumSource
        void doNotCountControlFrames(Role role) {
            Wire wire = Wire.to(role);
            try (Reading reading = new Reading(role, SMALL)) {
                reading.read(wire.frame(BINARY));
                for (int i = 0; i < 100; i++) {
                    reading.read(wire.pong("x".repeat(125)));
                }
                reading.read(wire.frame(FIN | CONTINUATION, new byte[1_000]));
                assertThat(reading.events).hasSize(101).endsWith("BINARY " + "00".repeat(1_000));
            }
        }

        @Test
        void canBeAsLargeAsAnIntWhenTheLimitIs() {
            Limits limitless = Limits.DEFAULT.withMessageBytes(Integer.MAX_VALUE);
            try (Reading reading = new Reading(Role.CLIENT, limitless)) {
                reading.read(Wire.to(Role.CLIENT).header(BINARY, Integer.MAX_VALUE, 8));
                reading.read(new byte[1_000]);
                assertThat(reading.events).isEmpty();
                assertThat(reading.allocatedBytes()).isLessThan(2_100);
            }
        }
    }

    @Nested
    class Buffers {
        @ParameterizedTest
        @EnumSource
        void areNotHeldByAnIdleConnection(Role role) {
            Wire wire = Wire.to(role);
            try (Reading reading = Reading.of(role)) {
                reading.read(wire.text("whole"));
                assertThat(reading.allocatedBytes()).isZero();
                reading.read(join(wire.frame(TEXT, utf8("frag")), wire.frame(FIN | CONTINUATION, utf8("ments"))));
                assertThat(reading.allocatedBytes()).isZero();
                byte[] split = wire.text("split");
                for (byte next : split) {
                    reading.read(next);
                }
                assertThat(reading.allocatedBytes()).isZero();
                assertThat(reading.events).containsExactly("TEXT whole", "TEXT fragments", "TEXT split");
                assertThat(reading.receiver.bufferedBytes()).isZero();
                assertThat(reading.receiver.isInsideFrame()).isFalse();
                assertThat(reading.receiver.isInsideMessage()).isFalse();
            }
        }

        @ParameterizedTest
        @EnumSource
        void areReadInPlaceWhenAMessageIsWhole(Role role) {
            try (Reading reading = Reading.of(role)) {
                ByteBuf read = reading.buffer(64).writeBytes(Wire.to(role).text("in place"));
                reading.receiver.handleBytes(read);
                assertThat(reading.receiver.next()).isEqualTo(FrameReceiver.Event.TEXT);
                assertThat(reading.receiver.payload()).isSameAs(read);
                assertThat(read.toString(StandardCharsets.UTF_8)).isEqualTo("in place");
                read.skipBytes(3);
                assertThat(reading.receiver.next()).isEqualTo(FrameReceiver.Event.NEED_BYTES);
                assertThat(read.refCnt()).isZero();
            }
        }

        @ParameterizedTest
        @EnumSource
        void joinReadsThatComeBeforeTheLastIsDrained(Role role) {
            Wire wire = Wire.to(role);
            byte[] message = wire.text("ping-pong");
            int count = 1_000;
            Set<Long> sizes = new HashSet<>();
            try (Reading reading = Reading.of(role)) {
                for (int i = 0; i < count; i++) {
                    for (byte next : message) {
                        reading.hand(next);
                        sizes.add(reading.allocatedBytes());
                    }
                    assertThat(reading.receiver.bufferedBytes()).isEqualTo((i + 1) * message.length);
                    assertThat(reading.allocatedBytes()).isLessThanOrEqualTo(2L * (i + 1) * message.length);
                }
                assertThat(sizes)
                        .as("doublings, so that copying is not quadratic")
                        .hasSizeLessThan(24);
                assertThat(reading.events).isEmpty();
                reading.drain();
                assertThat(reading.events).hasSize(count).containsOnly("TEXT ping-pong");
            }
        }

        @ParameterizedTest
        @EnumSource
        void surviveReadsInTheMiddleOfADrain(Role role) {
            Wire wire = Wire.to(role);
            try (Reading reading = Reading.of(role)) {
                reading.hand(join(wire.text("a"), wire.text("b"), wire.frame(TEXT, utf8("c"))));
                assertThat(reading.receiver.next()).isEqualTo(FrameReceiver.Event.TEXT);
                reading.hand(join(wire.frame(FIN | CONTINUATION, utf8("d")), wire.ping("e")));
                reading.hand();
                reading.drain();
                assertThat(reading.events).containsExactly("TEXT b", "TEXT cd", "PING e");
            }
        }

        @ParameterizedTest
        @EnumSource
        void mayConsistOfSeveralParts(Role role) {
            byte[] text = utf8("Grüße, ".repeat(200));
            byte[] frame = Wire.to(role).frame(FIN | TEXT, text);
            for (BufferKind kind : BufferKind.values()) {
                try (Reading reading = Reading.of(role)) {
                    reading.receiver.handleBytes(kind.of(frame, 0));
                    reading.drain();
                    assertThat(reading.events).as(kind.name()).containsExactly("TEXT " + "Grüße, ".repeat(200));
                }
            }
        }

        @ParameterizedTest
        @EnumSource
        void growLogarithmicallyUnderALargeMessageInSmallReads(Role role) {
            byte[] frame = Wire.to(role).frame(FIN | BINARY, new byte[1 << 20]);
            Set<Long> sizes = new HashSet<>();
            try (Reading reading = Reading.of(role)) {
                for (int at = 0; at < frame.length; at += 1_000) {
                    reading.read(Arrays.copyOfRange(frame, at, Math.min(frame.length, at + 1_000)));
                    sizes.add(reading.allocatedBytes());
                }
                assertThat(reading.events).hasSize(1);
                assertThat(sizes).hasSizeLessThan(16);
            }
        }

        @ParameterizedTest
        @EnumSource
        void areReleasedByCloseAtAnyMoment(Role role) {
            Wire wire = Wire.to(role);
            byte[] conversation = join(
                    wire.frame(TEXT, utf8("one")), wire.ping("two"), wire.frame(FIN | CONTINUATION, utf8("three")));
            for (int cut = 0; cut <= conversation.length; cut++) {
                Reading reading = Reading.of(role);
                reading.hand(Arrays.copyOf(conversation, cut));
                reading.receiver.next();
                reading.close();
                reading.close();
                reading.read(conversation);
                assertThat(reading.events).isEmpty();
                assertThat(reading.allocatedBytes()).isZero();
            }
        }
    }

    @Nested
    class Accessors {
        @ParameterizedTest
        @EnumSource
        void sayWhetherAFrameOrAMessageIsUnfinished(Role role) {
            Wire wire = Wire.to(role);
            try (Reading reading = Reading.of(role)) {
                assertInside(reading, false, false);
                assertInside(reading.read(bytes(FIN | TEXT)), true, false);
                byte[] rest = wire.text("x");
                assertInside(reading.read(Arrays.copyOfRange(rest, 1, rest.length - 1)), true, true);
                assertInside(reading.read(rest[rest.length - 1]), false, false);
                assertInside(reading.read(wire.frame(TEXT, utf8("y"))), false, true);
                assertInside(reading.read(bytes(FIN | Wire.PING)), true, true);
                byte[] ping = wire.ping("p");
                assertInside(reading.read(Arrays.copyOfRange(ping, 1, ping.length)), false, true);
                assertInside(reading.read(wire.frame(FIN | CONTINUATION)), false, false);
                assertThat(reading.events).containsExactly("TEXT x", "PING p", "TEXT y");
            }
        }

        private static void assertInside(Reading reading, boolean frame, boolean message) {
            assertThat(reading.receiver.isInsideFrame()).as("inside a frame").isEqualTo(frame);
            assertThat(reading.receiver.isInsideMessage())
                    .as("inside a message")
                    .isEqualTo(message);
        }

        @Test
        void refuseWhatTheEventDoesNotHave() {
            try (Reading reading = Reading.of(Role.CLIENT)) {
                FrameReceiver receiver = reading.receiver;
                assertThatThrownBy(receiver::payload).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(receiver::closeStatus)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("RECEIVING");
                assertThatThrownBy(receiver::failure).isInstanceOf(IllegalStateException.class);
                reading.read(Wire.to(Role.CLIENT).text("x"));
                assertThatThrownBy(receiver::payload).isInstanceOf(IllegalStateException.class);
            }
        }

        @Test
        void keepTheStatusAfterClose() {
            Reading closed = Reading.of(Role.CLIENT).read(Wire.to(Role.CLIENT).close(1000, "bye"));
            closed.close();
            assertThat(closed.receiver.closeStatus()).hasToString("1000 (bye)");
            Reading failed = Reading.of(Role.CLIENT).read(bytes(0xFF));
            failed.close();
            assertThat(failed.receiver.failure().code()).isEqualTo(1002);
        }
    }
}
