package io.everwire.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a connection cannot be accepted, because the process has no descriptor left, for example: nothing is accepted
 * for a second, then it is tried again. Who waits in the kernel's queue keeps his place.
 *
 * <p>Netty would do the same and then report an unhandled failure. A log that needs a descriptor, to read a time zone or to open a
 * file, fails then, too, and an event loop whose report fails ends for ever.
 */
final class AcceptFailures extends ChannelInboundHandlerAdapter {
    static final long PAUSE_MILLIS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(AcceptFailures.class);

    private boolean isTold;

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.channel().config().setAutoRead(false);
        ctx.channel()
                .eventLoop()
                .schedule(() -> ctx.channel().config().setAutoRead(true), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        if (!isTold) {
            isTold = true;
            tell(cause);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
        isTold = false;
        ctx.fireChannelRead(accepted);
    }

    private static void tell(Throwable cause) {
        try {
            LOG.warn(
                    "no connection can be accepted ({}); tried again every {} ms. If too many files are open, raise the limit:"
                            + " ulimit -n",
                    Texts.describe(cause),
                    PAUSE_MILLIS);
        } catch (RuntimeException | Error e) {
            // A log that is out of descriptors itself must not cost the event loop.
        }
    }
}
