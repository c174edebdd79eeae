package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.Message;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EncodedMessageTest {
    @Test
    void isEncodedOnceAndReleasedByItsLastRecipient() {
        EncodedMessage encoded = EncodedMessage.of(Message.binary(new byte[40_000]));
        Send first = new Send(encoded);
        Send second = new Send(encoded);
        assertThat(encoded.refCnt()).isEqualTo(3);
        assertThat(frames(first)).hasSize(3).isEqualTo(frames(second));
        for (int i = 0; i < 3; i++) {
            assertThat(frames(first).get(i)).isSameAs(encoded.frame(i));
        }
        ByteBuf frame = encoded.frame(0);

        encoded.release();
        first.release();
        assertThat(frame.refCnt()).isEqualTo(1);
        second.release();
        assertThat(encoded.refCnt()).isZero();
        assertThat(frame.refCnt()).isZero();
    }

    private static List<ByteBuf> frames(Send send) {
        List<ByteBuf> frames = new ArrayList<>();
        send.restart();
        boolean isLast = false;
        while (!isLast) {
            isLast = send.writeNext(new Send.FrameOutput() {
                @Override
                public void writeData(
                        boolean isFirst, boolean isLast, boolean isText, ByteBuf payload, int offset, int bytes) {
                    throw new AssertionError("it is encoded already");
                }

                @Override
                public void writeFrame(ByteBuf frame) {
                    frames.add(frame);
                }
            });
        }
        return frames;
    }
}
