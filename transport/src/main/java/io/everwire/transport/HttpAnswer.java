package io.everwire.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The few answers that a server gives in HTTP.
 *
 * @param headers what it carries besides the usual ones
 * @param body a sentence, empty for none
 */
record HttpAnswer(int status, Map<String, String> headers, String body) {
    /** Refuses with a sentence. */
    static HttpAnswer refusal(int status, Map<String, String> headers, String reason) {
        return new HttpAnswer(status, headers, reason + "\n");
    }

    /**
     * Sends the answer as the last one, then closes: the sending half first, because an immediate close could turn into a reset that
     * destroys the answer while the client still sends.
     *
     * @param patience when the client is hung up on at the latest
     */
    void sendLast(ChannelHandlerContext ctx, boolean isBodyWanted, Duration patience) {
        byte[] text = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder head = begin().append("content-type: text/plain; charset=utf-8\r\ncontent-length: ")
                .append(text.length)
                .append("\r\n");
        if (headers.keySet().stream().noneMatch("connection"::equalsIgnoreCase)) {
            head.append("connection: close\r\n");
        }
        ByteBuf bytes = encode(ctx, head.append("\r\n"));
        if (isBodyWanted) {
            bytes.writeBytes(text);
        }
        ctx.writeAndFlush(bytes).addListener(written -> {
            ChannelEnds.shutdownOutput(ctx.channel());
            ctx.executor().schedule(() -> ctx.close(), patience.toNanos(), TimeUnit.NANOSECONDS);
        });
    }

    /** Writes the answer without flushing it; frames follow. */
    void writeFirst(ChannelHandlerContext ctx) {
        ctx.write(encode(ctx, begin().append("\r\n")), ctx.voidPromise());
    }

    private StringBuilder begin() {
        StringBuilder head = new StringBuilder(256)
                .append("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(HttpResponseStatus.valueOf(status).reasonPhrase())
                .append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head;
    }

    private static ByteBuf encode(ChannelHandlerContext ctx, StringBuilder head) {
        ByteBuf bytes = ctx.alloc().buffer(head.length() + 128);
        bytes.writeCharSequence(head, StandardCharsets.ISO_8859_1);
        return bytes;
    }
}
