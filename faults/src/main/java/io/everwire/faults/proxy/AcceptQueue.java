package io.everwire.faults.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The kernel's queue of connections nobody has accepted yet, and a way to make the kernel deaf with it.
 *
 * <p>When this queue is full, Linux drops every further SYN without an answer, exactly as a cut cable would. So it is
 * filled with connections of our own. A real client that came in before it was full is among them, and is found again
 * by not being one of ours.
 */
final class AcceptQueue {

    /** The backlog to listen with: room for a crowd of clients in good times, filled in some 20 ms in bad ones. */
    static final int BACKLOG = 256;

    /** Linux lets one more than the backlog in, other kernels half as many again. */
    private static final int MOST_FILLERS = 2 * BACKLOG;

    /** A SYN over loopback that is answered at all is answered at once; this is how long a busy machine may take. */
    private static final int ANSWER_MILLIS = 40;

    /** How long to wait where no answer is expected, because the queue holds all it can. */
    private static final int NO_ANSWER_MILLIS = 5;

    private final int mostFillers;
    private final Map<SocketAddress, SocketChannel> fillers = new HashMap<>();

    AcceptQueue() {
        this(MOST_FILLERS);
    }

    /** With fewer fillers than the backlog, the queue never gets full, as on a kernel that cannot be made deaf. */
    AcceptQueue(int mostFillers) {
        this.mostFillers = mostFillers;
    }

    /**
     * Fills the queue.
     *
     * @param listening the address somebody listens on, and does not accept from now
     * @return whether SYNs are dropped now
     */
    boolean fill(InetSocketAddress listening) {
        InetSocketAddress address = listening.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getPort())
                : listening;
        try {
            for (int i = 0; i < mostFillers; i++) {
                if (!add(address)) {
                    return true;
                }
            }
            return false;
        } catch (IOException notPossibleHere) {
            return false; // no descriptors left, or a kernel that refuses when its queue is full
        }
    }

    /**
     * Empties the queue up to the last filler: the fillers go, the clients among them are handed over. The queue is in order, so
     * whoever stands behind the last filler came after the queue was full no more, and is accepted like any other.
     *
     * @param listening where to accept, in non-blocking mode
     * @param real takes the connections of real clients
     */
    void drain(ServerSocketChannel listening, Consumer<SocketChannel> real) throws IOException {
        try {
            while (!fillers.isEmpty()) {
                SocketChannel next = listening.accept();
                if (next == null) {
                    return;
                }
                SocketChannel filler = fillers.remove(next.getRemoteAddress());
                if (filler == null) {
                    real.accept(next);
                } else {
                    Uncaught.close(filler); // aborts, so that closing its other end leaves nothing behind either
                    Uncaught.close(next);
                }
            }
        } finally {
            close();
        }
    }

    /** Lets the fillers go without accepting anything. */
    void close() {
        fillers.values().forEach(Uncaught::close);
        fillers.clear();
    }

    /** Adds one filler, or finds that it gets no answer. */
    private boolean add(InetSocketAddress address) throws IOException {
        SocketChannel filler = SocketChannel.open();
        boolean added = false;
        try {
            filler.configureBlocking(false);
            filler.setOption(StandardSocketOptions.SO_LINGER, 0); // leaves nothing behind in TIME_WAIT
            added = filler.connect(address) || isAnswered(filler);
            if (added) {
                fillers.put(filler.getLocalAddress(), filler);
            }
            return added;
        } finally {
            if (!added) {
                Uncaught.close(filler);
            }
        }
    }

    private boolean isAnswered(SocketChannel filler) throws IOException {
        try (Selector selector = Selector.open()) {
            filler.register(selector, SelectionKey.OP_CONNECT);
            int waitMillis = fillers.size() > BACKLOG ? NO_ANSWER_MILLIS : ANSWER_MILLIS;
            return selector.select(waitMillis) > 0 && filler.finishConnect();
        }
    }
}
