package io.everwire.transport;

import io.everwire.CloseStatus;
import io.everwire.Message;
import io.everwire.session.resume.CloseCodes;
import io.everwire.session.resume.Offer;
import io.everwire.session.resume.ServerResume;
import io.everwire.session.resume.SessionDesk;
import io.everwire.session.resume.SessionId;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client that was let in with an offer, on its way to a session: the desk judges the offer, the channel is brought to the session's
 * home, and there the session takes it over in one turn, so that the 101, the hello and the replay leave together.
 */
final class Arrival implements SessionDesk.House<Send> {
    private static final Logger LOG = LoggerFactory.getLogger(Arrival.class);

    private final SessionHouse sessions;
    private final EventLoops loops;
    private final Welcome welcome;
    private final Offer offer;
    private final List<String> subprotocols;

    /** A new session would go beyond a quota. */
    @SuppressWarnings("serial") // It never leaves this class.
    private static final class OverQuotaException extends IllegalStateException {
        OverQuotaException(String sentence) {
            super(sentence);
        }
    }

    Arrival(SessionHouse sessions, EventLoops loops, Welcome welcome, Offer offer, List<String> subprotocols) {
        this.sessions = sessions;
        this.loops = loops;
        this.welcome = welcome;
        this.offer = offer;
        this.subprotocols = subprotocols;
    }

    /** Opens or resumes the session; on the channel's event loop. */
    void open() {
        if (offer.claim() != null && sessions.refusesClaims(welcome.address())) {
            welcome.close(slowDown("too many claims without the secret came from this address; wait 10 s"));
            return;
        }
        String full = offer.claim() == null ? sessions.refusal(welcome.principal()) : null;
        if (full != null) {
            welcome.close(slowDown(full));
            return;
        }
        SessionDesk.Arrival arrival = new SessionDesk.Arrival(
                offer,
                welcome.principal(),
                welcome.agreed().path(),
                subprotocols,
                welcome.agreed().subprotocol());
        try {
            sessions.desk(this)
                    .open(arrival, (resident, connection) -> ((Visitor) resident).attach(connection))
                    .whenComplete((opening, error) -> welcome.run(() -> settle(opening, error)));
        } catch (RuntimeException e) {
            settle(null, e);
        }
    }

    private static CloseStatus slowDown(String sentence) {
        return new CloseStatus(CloseCodes.SLOW_DOWN, Texts.limited(sentence));
    }

    private void settle(SessionDesk.@Nullable Opening<Send> opening, @Nullable Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        if (cause instanceof OverQuotaException) {
            welcome.close(slowDown(String.valueOf(cause.getMessage())));
        } else if (cause != null) {
            LOG.warn("the store of sessions failed; a client is answered with 503", cause);
            welcome.refuse(503, "the server could not look for the session; come back", Entrance.retryAfter(1));
        } else if (opening instanceof SessionDesk.Opening.Refused<Send> refused) {
            welcome.close(refused.status());
        }
    }

    // ---- the house, as this client finds it ----

    @Override
    public SessionDesk.@Nullable Resident<Send> find(SessionId sid) {
        Lodger lodger = sessions.find(sid);
        return lodger == null ? null : new Visitor(lodger);
    }

    @Override
    public SessionDesk.Resident<Send> house(ServerResume<Send> engine) {
        Offer.Claim claim = offer.claim();
        boolean isRestored = claim != null && claim.sid().equals(engine.sid());
        String full = sessions.enter(welcome.principal(), isRestored);
        if (full != null) {
            sessions.store.end(engine.sid(), engine.epoch(), null);
            throw new OverQuotaException(full);
        }
        Lodger fresh = new Lodger(engine, welcome.loop(), welcome.principal(), isRestored);
        Lodger known = sessions.add(fresh);
        if (known != fresh) {
            engine.abandon();
            sessions.leave(fresh);
        }
        return new Visitor(known);
    }

    @Override
    public void forget(SessionId sid, SessionDesk.Resident<Send> resident) {
        sessions.remove(((Visitor) resident).lodger);
    }

    @Override
    public void noteBadClaim() {
        sessions.noteBadClaim(welcome.address());
    }

    @Override
    public Send restored(Message message) {
        return ResumeLink.restored(message);
    }

    @Override
    public long nowNanos() {
        return RealClock.nanos();
    }

    @Override
    public long nowMillis() {
        return RealClock.epochMillis();
    }

    /** A session that this client may be given. */
    private final class Visitor implements SessionDesk.Resident<Send> {
        private final Lodger lodger;

        Visitor(Lodger lodger) {
            this.lodger = lodger;
        }

        @Override
        public ServerResume<Send> engine() {
            return lodger.engine;
        }

        @Override
        public void run(Runnable work) {
            welcome.move(lodger.loop, () -> runAtHome(work));
        }

        private void runAtHome(Runnable work) {
            ServerSession session = lodger.session;
            if (session == null && lodger.engine.isOver()) {
                // Another arrival has begun and ended it: the work finds that out, and no session is made for nobody.
                work.run();
                return;
            }
            if (session == null) {
                session = begin();
            }
            if (session == null) {
                return;
            }
            work.run();
            session.settleLink();
        }

        /** Takes the connection that the engine has attached; in the same turn, before anybody else asks the engine. */
        void attach(long connection) {
            ServerSession session = lodger.session;
            if (session != null && welcome.isWaiting()) {
                welcome.carry(session, connection);
            } else {
                // Its claim counts all the same: an older one must not be attached any more.
                lodger.engine.handleDetached(connection, RealClock.nanos());
            }
        }

        /** Makes the session of a client that is still there; null when nobody needs it, and then it is forgotten. */
        private @Nullable ServerSession begin() {
            ServerSession.Config config = welcome.isWaiting() ? welcome.config() : null;
            if (config == null) {
                lodger.engine.abandon();
                if (!lodger.isRestored) {
                    sessions.store.end(lodger.engine.sid(), lodger.engine.epoch(), null);
                }
                sessions.leave(lodger);
                return null;
            }
            ServerSession begun = new ServerSession(config, loops, lodger, sessions, welcome.entry());
            lodger.session = begun;
            return begun;
        }
    }
}
