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

/** Writes down what happens, for people, and tells the checkers. Only a schedule that has failed is run again with it. */
final class Tracer implements Observer {
    private final World world;
    private final Observer next;
    private final Trace trace;

    Tracer(World world, Observer next, Trace trace) {
        this.world = world;
        this.next = next;
        this.trace = trace;
    }

    private void say(String sentence) {
        trace.add(world.agenda.now(), sentence);
    }

    private static String name(End end) {
        if (end instanceof ClientEnd client) {
            return "client " + client.index;
        }
        ServerEnd server = (ServerEnd) end;
        return "server " + server.node.index + " epoch " + server.engine().epoch();
    }

    private static String name(Link link) {
        return "connection " + link.caller + "." + link.attempt;
    }

    @Override
    public void accepted(End end, Ledger ledger, Parcel parcel) {
        say(name(end) + " accepts " + parcel);
        next.accepted(end, ledger, parcel);
    }

    @Override
    public void written(End end, Link link, long number, Parcel parcel) {
        say(name(end) + " writes " + parcel + " on " + name(link));
        next.written(end, link, number, parcel);
    }

    @Override
    public void received(End end, Link link, Ledger ledger, long number, Parcel parcel) {
        say(name(end) + " receives " + number + " = " + parcel + " on " + name(link));
        next.received(end, link, ledger, number, parcel);
    }

    @Override
    public void delivered(End end, Ledger ledger, long number, Parcel parcel) {
        say(name(end) + " delivers " + number + " = " + parcel);
        next.delivered(end, ledger, number, parcel);
    }

    @Override
    public void offered(ClientEnd client, Link link, Offer offer) {
        say(name(client) + " dials node " + link.node.index + " with " + name(link) + ": " + offer.claim());
        next.offered(client, link, offer);
    }

    @Override
    public void arrived(Link link, Offer offer) {
        say("node " + link.node.index + " reads the request of " + name(link));
        next.arrived(link, offer);
    }

    @Override
    public void opened(Link link, ServerEnd server, long connection) {
        say("node " + link.node.index + " puts " + name(link) + " on "
                + server.engine().sid() + " as " + connection);
        next.opened(link, server, connection);
    }

    @Override
    public void refused(Link link, CloseStatus status) {
        say("node " + link.node.index + " refuses " + name(link) + ": " + status);
        next.refused(link, status);
    }

    @Override
    public void firstHeard(ClientEnd client, Link link, @Nullable Control first) {
        say(name(client) + " hears first on " + name(link) + ": " + first);
        next.firstHeard(client, link, first);
    }

    @Override
    public void attached(End end, Ledger ledger, boolean isResumed, long replayedOut) {
        say(name(end) + (isResumed ? " resumes " : " begins ") + ledger.sid + ", replays " + replayedOut);
        next.attached(end, ledger, isResumed, replayedOut);
    }

    @Override
    public void suspended(End end, Ledger ledger) {
        say(name(end) + " has no connection");
        next.suspended(end, ledger);
    }

    @Override
    public void controlWritten(End end, Link link, Control control) {
        say(name(end) + " writes " + control + " on " + name(link));
        next.controlWritten(end, link, control);
    }

    @Override
    public void dropped(End end, @Nullable Link link, CloseStatus status) {
        say(name(end) + " drops " + (link == null ? "a closed connection" : name(link)) + ": " + status);
        next.dropped(end, link, status);
    }

    @Override
    public void leftOpen(ServerEnd server, Link link) {
        say(name(server) + " is over and leaves " + name(link) + " open");
        next.leftOpen(server, link);
    }

    @Override
    public void answered(Strangers.Stranger stranger, @Nullable Control first) {
        say(stranger + " hears first: " + first);
        next.answered(stranger, first);
    }

    @Override
    public void struck(Fault fault) {
        say("fault: " + fault.word());
        next.struck(fault);
    }

    @Override
    public void lost(End end, Ledger ledger, SessionLoss loss) {
        say(name(end) + " loses " + ledger.sid + ": " + loss);
        next.lost(end, ledger, loss);
    }

    @Override
    public void ended(End end, Ledger ledger) {
        say(name(end) + " hears bye");
        next.ended(end, ledger);
    }

    @Override
    public void closed(ClientEnd client, Link link, int code) {
        say(name(client) + " has lost " + name(link) + ", code " + code);
        next.closed(client, link, code);
    }

    @Override
    public void closedByItself(ClientEnd client, SessionLoss loss) {
        say(name(client) + " closes alone: " + loss);
        next.closedByItself(client, loss);
    }

    @Override
    public void crashing(Node node) {
        say("node " + node.index + " crashes");
        next.crashing(node);
    }

    @Override
    public void crashed(ServerEnd server) {
        say(name(server) + " is gone with its process");
        next.crashed(server);
    }

    @Override
    public void told(End end, Ledger ledger, Told told, @Nullable SessionLoss loss) {
        say(name(end) + "'s application is told " + told + (loss == null ? "" : ": " + loss));
        next.told(end, ledger, told, loss);
    }

    @Override
    public void claimed(SessionId sid, long attempt, SessionStore.Claim claim) {
        say("store: claim of " + sid + ", attempt " + attempt + ": " + claim);
        next.claimed(sid, attempt, claim);
    }

    @Override
    public void appended(SessionId sid, long epoch, long first, List<Message> messages) {
        say("store: append to " + sid + " by epoch " + epoch + " from " + first + ": " + messages.size());
        next.appended(sid, epoch, first, messages);
    }

    @Override
    public void committed(SessionId sid, long epoch, long received, long acknowledged) {
        say("store: commit of " + sid + " by epoch " + epoch + ": received " + received + ", acknowledged "
                + acknowledged);
        next.committed(sid, epoch, received, acknowledged);
    }

    @Override
    public void endedInStore(SessionId sid, long epoch, SessionStore.@Nullable Tombstone tombstone) {
        say("store: end of " + sid + " by epoch " + epoch + ": " + tombstone);
        next.endedInStore(sid, epoch, tombstone);
    }

    @Override
    public void settled(End end) {
        next.settled(end);
    }

    @Override
    public void calm(World world) {
        say("the storm is over");
        next.calm(world);
    }

    @Override
    public void over(World world) {
        say("everybody is gone");
        next.over(world);
    }
}
