package io.everwire.protocol;

import static io.everwire.protocol.Wire.BINARY;
import static io.everwire.protocol.Wire.CLOSE;
import static io.everwire.protocol.Wire.CONTINUATION;
import static io.everwire.protocol.Wire.FIN;
import static io.everwire.protocol.Wire.TEXT;
import static io.everwire.protocol.Wire.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.CloseStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes on the wire, compared with frames built by hand. */
class FrameWriterTest {
    /** The key of the examples in RFC 6455 §5.7, which {@link Wire} masks with. */
    private static final int KEY = 0x37FA213D;

    private static final ByteBuf HELLO = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(utf8("..Hello.")));

    private static FrameWriter writer(Role role) {
        return new FrameWriter(role, () -> {
            assertThat(role).as("who masks").isEqualTo(Role.CLIENT);
            return KEY;
        });
    }

    private static Role peer(Role role) {
        return role == Role.CLIENT ? Role.SERVER : Role.CLIENT;
    }

    /** Returns what is appended to a dirty, small buffer. */
    private static byte[] written(Consumer<ByteBuf> write) {
        ByteBuf target = Unpooled.buffer(4).writeBytes(new byte[] {9, 9, 9});
        write.accept(target);
        assertThat(target.readerIndex()).isZero();
        target.skipBytes(3);
        return ByteBufUtil.getBytes(target);
    }

    private static byte[] data(Role role, boolean first, boolean last, boolean text) {
        return written(target -> writer(role).writeData(target, first, last, text, HELLO, 2, 5));
    }

    @Nested
    class Section5_2_BaseFraming {
        @ParameterizedTest
        @EnumSource
        void writesWholeMessages(Role role) {
            Wire wire = Wire.to(peer(role));
            assertThat(data(role, true, true, true)).isEqualTo(wire.text("Hello"));
            assertThat(data(role, true, true, false)).isEqualTo(wire.binary(utf8("Hello")));
        }

        @ParameterizedTest
        @EnumSource
        void writesLengthsInTheFewestBytes(Role role) {
            for (int length : new int[] {0, 1, 125, 126, 127, 65_535, 65_536, 70_001}) {
                byte[] payload = new byte[length];
                new Random(length).nextBytes(payload);
                ByteBuf buffer = Unpooled.wrappedBuffer(payload);
                byte[] frame = written(target -> writer(role).writeData(target, true, true, false, buffer, 0, length));
                assertThat(frame).isEqualTo(Wire.to(peer(role)).binary(payload));
                assertThat(frame.length - length).isLessThanOrEqualTo(FrameWriter.maxHeaderBytes());
                assertThat(buffer.readableBytes()).isEqualTo(length);
            }
        }

        @Test
        void clientFramesOfUpTo64BitsHaveTheLargestHeader() {
            assertThat(FrameWriter.maxHeaderBytes()).isEqualTo(14);
        }

        @ParameterizedTest
        @EnumSource
        void leavesThePayloadAlone(Role role) {
            ByteBuf payload = Unpooled.copiedBuffer(utf8("Hello"));
            payload.skipBytes(3);
            written(target -> writer(role).writeData(target, true, true, true, payload, 0, 5));
            written(target -> writer(role).writePing(target, payload));
            assertThat(payload.readerIndex()).isEqualTo(3);
            assertThat(payload.writerIndex()).isEqualTo(5);
            assertThat(ByteBufUtil.getBytes(payload, 0, 5)).isEqualTo(utf8("Hello"));
        }

        @ParameterizedTest
        @EnumSource
        void writesNothingWhenThePayloadIsTooShort(Role role) {
            ByteBuf target = Unpooled.buffer();
            FrameWriter writer = writer(role);
            int[][] outside = {{0, 9}, {8, 1}, {-1, 3}, {0, -1}, {Integer.MAX_VALUE, 2}};
            for (int[] range : outside) {
                assertThatThrownBy(() -> writer.writeData(target, true, true, true, HELLO, range[0], range[1]))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                assertThat(target.readableBytes()).isZero();
            }
        }
    }

    @Nested
    class Section5_3_Masking {
        @DisplayName("MSK-01: a new key for each frame")
        @Test
        void clientDrawsANewKeyForEachFrame() {
            Deque<Integer> keys = new ArrayDeque<>(List.of(KEY, 0, 0xFFFFFFFF));
            FrameWriter writer = new FrameWriter(Role.CLIENT, keys::removeFirst);
            ByteBuf payload = Unpooled.copiedBuffer(utf8("Hi"));
            byte[] frames = written(target -> {
                writer.writePing(target, payload);
                writer.writePing(target, payload);
                writer.writePing(target, payload);
            });
            assertThat(frames)
                    .isEqualTo(Wire.bytes(
                            0x89,
                            0x82,
                            0x37,
                            0xFA,
                            0x21,
                            0x3D,
                            'H' ^ 0x37,
                            'i' ^ 0xFA,
                            0x89,
                            0x82,
                            0,
                            0,
                            0,
                            0,
                            'H',
                            'i',
                            0x89,
                            0x82,
                            0xFF,
                            0xFF,
                            0xFF,
                            0xFF,
                            'H' ^ 0xFF,
                            'i' ^ 0xFF));
            assertThat(keys).isEmpty();
        }

        @Test
        void serverDrawsNoKey() {
            assertThat(data(Role.SERVER, true, true, true))
                    .isEqualTo(Wire.to(Role.CLIENT).text("Hello"));
        }
    }

    @Nested
    class Section5_4_Fragmentation {
        @ParameterizedTest
        @EnumSource
        void writesContinuationsAfterTheFirstFragment(Role role) {
            Wire wire = Wire.to(peer(role));
            assertThat(data(role, true, false, true)).isEqualTo(wire.frame(TEXT, utf8("Hello")));
            assertThat(data(role, true, false, false)).isEqualTo(wire.frame(BINARY, utf8("Hello")));
            assertThat(data(role, false, false, true)).isEqualTo(wire.frame(CONTINUATION, utf8("Hello")));
            assertThat(data(role, false, true, false)).isEqualTo(wire.frame(FIN | CONTINUATION, utf8("Hello")));
        }
    }

    @Nested
    class Section5_5_ControlFrames {
        @ParameterizedTest
        @EnumSource
        void writesPingsAndPongsOfUpTo125Bytes(Role role) {
            Wire wire = Wire.to(peer(role));
            String longest = "p".repeat(125);
            ByteBuf payload = Unpooled.copiedBuffer(utf8(longest));
            assertThat(written(target -> writer(role).writePing(target, payload)))
                    .isEqualTo(wire.ping(longest));
            assertThat(written(target -> writer(role).writePong(target, payload)))
                    .isEqualTo(wire.pong(longest));
            assertThat(written(target -> writer(role).writePong(target, Unpooled.EMPTY_BUFFER)))
                    .isEqualTo(wire.pong(""));
        }

        @ParameterizedTest
        @EnumSource
        void refusesPingsAndPongsOfMoreThan125Bytes(Role role) {
            ByteBuf payload = Unpooled.wrappedBuffer(new byte[126]);
            ByteBuf target = Unpooled.buffer();
            assertThatThrownBy(() -> writer(role).writePing(target, payload))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not 126");
            assertThatThrownBy(() -> writer(role).writePong(target, payload))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(target.readableBytes()).isZero();
        }

        @ParameterizedTest
        @EnumSource
        void writesANumberAndATimeIntoAPing(Role role) {
            long nonce = 0x0102030405060708L;
            long sentNanos = -2L;
            byte[] ping = written(target -> writer(role).writePing(target, nonce, sentNanos));
            byte[] payload = Wire.bytes(1, 2, 3, 4, 5, 6, 7, 8, 255, 255, 255, 255, 255, 255, 255, 254);
            assertThat(ping).isEqualTo(Wire.to(peer(role)).frame(FIN | Wire.PING, payload));
        }
    }

    @Nested
    class Section5_5_1_Close {
        @ParameterizedTest
        @EnumSource
        void writesTheStatus(Role role) {
            Wire wire = Wire.to(peer(role));
            assertThat(written(target -> writer(role).writeClose(target, new CloseStatus(1001, "später"))))
                    .isEqualTo(wire.close(1001, "später"));
            assertThat(written(target -> writer(role).writeClose(target, CloseStatus.NORMAL)))
                    .isEqualTo(wire.close(1000, ""));
            String longest = "r".repeat(CloseStatus.MAX_REASON_BYTES);
            assertThat(written(target -> writer(role).writeClose(target, new CloseStatus(4000, longest))))
                    .isEqualTo(wire.close(4000, longest));
        }

        @ParameterizedTest
        @EnumSource
        void writesAnEmptyFrameWithoutAStatus(Role role) {
            assertThat(written(target -> writer(role).writeClose(target, null)))
                    .isEqualTo(Wire.to(peer(role)).frame(FIN | CLOSE));
        }

        @ParameterizedTest
        @ValueSource(ints = {1004, 1005, 1006, 1015, 1016, 2999})
        void refusesCodesThatAreOnlyObserved(int code) {
            ByteBuf target = Unpooled.buffer();
            assertThatThrownBy(() -> writer(Role.SERVER).writeClose(target, new CloseStatus(code, "")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("close code " + code + " must not be sent");
            assertThat(target.readableBytes()).isZero();
        }
    }

    @Nested
    class Broadcast {
        @Test
        void encodesOneServerFrameForAll() {
            UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
            ByteBuf payload = Unpooled.copiedBuffer(utf8("..news"));
            payload.skipBytes(2);
            ByteBuf frame = FrameWriter.encodeForAll(allocator, true, payload);
            ByteBuf duplicate = frame.retainedDuplicate();
            assertThat(ByteBufUtil.getBytes(duplicate))
                    .isEqualTo(Wire.to(Role.CLIENT).text("news"));
            assertThat(payload.readableBytes()).isEqualTo(4);
            duplicate.release();
            frame.release();
            assertThat(allocator.metric().usedDirectMemory()).isZero();
        }
    }
}
