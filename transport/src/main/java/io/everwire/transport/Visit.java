package io.everwire.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What one connection takes of the server's limits, from its acceptance to its end.
 *
 * <p><b>Thread safety.</b> On the connection's event loop.
 */
final class Visit implements ChannelFutureListener {
    private final Entrance entrance;
    private final Channel channel;
    private Standing standing;
    private boolean isFinished;
    private boolean isAnswered;
    /** Whether it was made to leave, and waits until it is known whether it has said anything. */
    private boolean isLeaving;
    /** Whether it is counted among those who were turned away and are still there. */
    private boolean isTurnedAway;

    private boolean hasPlace;
    private boolean isCounted;
    private @Nullable InetAddress counted;

    /** With what a connection was accepted. */
    enum Standing {
        PLACED,
        /** The server has its maximum. */
        WITHOUT_PLACE,
        /** The client's address has its maximum. */
        WITHOUT_PLACE_OF_ADDRESS
    }

    private Visit(Entrance entrance, Channel channel) {
        this.entrance = entrance;
        this.channel = channel;
        standing = begin();
    }

    /** Counts a connection that was just accepted; nothing was made for it yet. */
    static Visit begin(Entrance entrance, Channel channel) {
        Visit visit = new Visit(entrance, channel);
        channel.closeFuture().addListener(visit);
        entrance.begin(visit, visit.standing);
        return visit;
    }

    private Standing begin() {
        InetAddress peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        // Behind a proxy many clients have one address; theirs is known with the request.
        if (!entrance.proxies.contains(peer) && !count(peer)) {
            return Standing.WITHOUT_PLACE_OF_ADDRESS;
        }
        hasPlace = entrance.places.enter();
        if (!hasPlace) {
            entrance.makeRoom();
        }
        return hasPlace ? Standing.PLACED : Standing.WITHOUT_PLACE;
    }

    private boolean count(InetAddress address) {
        isCounted = entrance.places.enter(address);
        counted = isCounted ? address : null;
        return isCounted;
    }

    /**
     * Asks for a place for good, now that the client's address is known.
     *
     * @return null when there is one, else why there is none
     */
    @Nullable String settle(InetAddress client) {
        if (!isCounted && !count(client)) {
            return "this address has its maximum of " + entrance.rules.connectionsPerAddress() + " connections";
        }
        if (!hasPlace) {
            hasPlace = entrance.places.enter();
        }
        return hasPlace ? null : "the server has its maximum of " + entrance.rules.connections() + " connections";
    }

    /** The request has come, and found a place. */
    void finish() {
        isFinished = true;
        setLeaving(false);
        entrance.end(this, standing);
    }

    /** The request is refused. If it had found a place: whoever stays for all that leaves for a newcomer, like one who is slow. */
    void turnAway() {
        if (!isAnswered && channel.isOpen()) {
            isTurnedAway = true;
            entrance.turnedAway.incrementAndGet();
        }
        isAnswered = true;
        if ((isFinished || isLeaving) && channel.isOpen()) {
            standing = isFinished ? Standing.PLACED : standing;
            isFinished = false;
            setLeaving(false);
            entrance.begin(this, standing);
        }
    }

    private void setLeaving(boolean is) {
        if (isLeaving != is) {
            isLeaving = is;
            entrance.leavers.addAndGet(is ? 1 : -1);
        }
    }

    /** Has to leave for a newcomer, unless it has its request through by now. Any thread. */
    void hangUp(String why) {
        channel.eventLoop().execute(() -> {
            if (!isFinished) {
                entrance.refusals.tell(channel.remoteAddress(), "", why);
                ChannelEnds.reset(channel);
            }
        });
    }

    /**
     * Is one of too many who have not sent their request, and the oldest of them. When thousands come at once it may be us who are slow: it
     * has to leave if nothing of it is there when everything has been read that is readable now. Any thread.
     */
    void hangUpUnlessHeard(String why) {
        channel.eventLoop().execute(() -> {
            if (isAnswered || entrance.leavers.get() >= Entrance.MOST_LEAVERS) {
                hangUp(why);
            } else if (!isFinished && channel.isOpen()) {
                setLeaving(true);
                EventLoops.whenRead(
                        channel.eventLoop(), () -> !isFinished && !isAnswered && channel.isOpen(), () -> hangUp(why));
            }
        });
    }

    /**
     * The client is let in. Nothing more is asked of its visit, but to give its places back; unless they are those of another address than
     * the channel's, one listener does that for all.
     */
    void stay() {
        entrance.storm.handleLetIn();
        InetAddress peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        if (hasPlace && isCounted && peer.equals(counted)) {
            channel.closeFuture().removeListener(this).addListener(entrance.leaving);
        }
    }

    @Override
    public void operationComplete(ChannelFuture closed) {
        finish();
        if (isTurnedAway) {
            isTurnedAway = false;
            entrance.turnedAway.decrementAndGet();
        }
        if (hasPlace) {
            hasPlace = false;
            entrance.places.leave();
        }
        if (isCounted) {
            isCounted = false;
            entrance.places.leave(counted);
        }
    }
}
