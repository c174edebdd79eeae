package io.everwire.transport;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;

/**
 * Brings a channel to another event loop, so that a session has one whatever connection carries it.
 *
 * <p>Nothing is read from the moment on that it begins; bytes wait in the kernel, or where the pipeline holds them. The caller cancels
 * what it has scheduled on the old loop, and reads again.
 */
final class Relocation {
    private Relocation() {}

    /**
     * Moves the channel, which nothing may have been written to without a flush. Called on its event loop, which is another one.
     *
     * @param then runs on the new home; by then the channel is registered there, or closed
     */
    static void move(Channel channel, EventLoop home, Runnable then) {
        channel.config().setAutoRead(false);
        // Netty leaves the old loop as a task of its own, behind whatever a read that is under way has still to do.
        channel.deregister().addListener(left -> {
            if (channel.isOpen() && left.isSuccess()) {
                home.register(channel).addListener(registered -> run(home, then));
            } else {
                run(home, then);
            }
        });
    }

    /** Runs a task on an event loop, at once when that is the calling thread. */
    static void run(EventLoop loop, Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            try {
                loop.execute(task);
            } catch (RejectedExecutionException e) {
                // The loops are being closed, and with them everything that lives on them.
                return;
            }
        }
    }
}
