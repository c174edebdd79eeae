package io.everwire.verification.simulation;

import io.everwire.CloseStatus;
import io.everwire.Message;
import io.everwire.SessionLoss;
import io.everwire.session.resume.Control;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.SessionId;
import io.everwire.session.resume.SessionStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Is told what really happens in a world. */
interface Observer {
    // ---- messages ----

    /** An end has given a message its number. */
    default void accepted(End end, Ledger ledger, Parcel parcel) {}

    /** An end puts a message on a connection, under this number. */
    default void written(End end, Link link, long number, Parcel parcel) {}

    /** An end has counted a message that came on a connection. */
    default void received(End end, Link link, Ledger ledger, long number, Parcel parcel) {}

    /** An application's handler is called with a message. */
    default void delivered(End end, Ledger ledger, long number, Parcel parcel) {}

    // ---- connections ----

    /** A client has made an offer for this connection. */
    default void offered(ClientEnd client, Link link, Offer offer) {}

    /** A request has reached a server. */
    default void arrived(Link link, Offer offer) {}

    /** The desk has put a connection on a session. */
    default void opened(Link link, ServerEnd server, long connection) {}

    /** The desk has refused a request. */
    default void refused(Link link, CloseStatus status) {}

    /** A client has read the first message of a connection; null for anything but a control message. */
    default void firstHeard(ClientEnd client, Link link, @Nullable Control first) {}

    /** An end's session has a connection: its first, or another. */
    default void attached(End end, Ledger ledger, boolean isResumed, long replayedOut) {}

    /** An end's session has no connection any more. */
    default void suspended(End end, Ledger ledger) {}

    default void controlWritten(End end, Link link, Control control) {}

    /** An engine has closed its connection, for which there may be no open link any more. */
    default void dropped(End end, @Nullable Link link, CloseStatus status) {}

    /** A session is over and one of its connections was not closed by its engine. */
    default void leftOpen(ServerEnd server, Link link) {}

    /** A stranger has read the first message that it was sent. */
    default void answered(Strangers.Stranger stranger, @Nullable Control first) {}

    /** Something goes wrong now. */
    default void struck(Fault fault) {}

    // ---- ends ----

    /** The engine of an end says that the session was lost. */
    default void lost(End end, Ledger ledger, SessionLoss loss) {}

    /** The engine of an end says that the peer has said bye. */
    default void ended(End end, Ledger ledger) {}

    /** A client's connection was closed with this code, by either end, and its engine has heard of it. */
    default void closed(ClientEnd client, Link link, int code) {}

    /** A client's application ended its session alone; with what it is told. */
    default void closedByItself(ClientEnd client, SessionLoss loss) {}

    /** A process ends without a word. */
    default void crashing(Node node) {}

    /** The process of a server's end is gone. */
    default void crashed(ServerEnd server) {}

    /** An application is told something, in its turn. */
    default void told(End end, Ledger ledger, Told told, @Nullable SessionLoss loss) {}

    // ---- the store ----

    default void claimed(SessionId sid, long attempt, SessionStore.Claim claim) {}

    default void appended(SessionId sid, long epoch, long first, List<Message> messages) {}

    default void committed(SessionId sid, long epoch, long received, long acknowledged) {}

    default void endedInStore(SessionId sid, long epoch, SessionStore.@Nullable Tombstone tombstone) {}

    // ---- states ----

    /** An end has done all that there was to do. */
    default void settled(End end) {}

    /** All faults are over and everything should have calmed down. */
    default void calm(World world) {}

    /** The clients are gone, and everybody's time is up. */
    default void over(World world) {}
}
