package io.everwire.examples;

import io.everwire.LivenessPolicy;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import io.everwire.faults.Blackhole;
import io.everwire.faults.proxy.FaultProxy;
import io.everwire.server.EverwireServer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Shows how to rehearse an outage: the cable is cut, both ends notice, it is mended, the client comes back. */
public final class OutageRehearsal {
    private static final LivenessPolicy LIVENESS =
            LivenessPolicy.DEFAULT.withPing(Duration.ofMillis(500), Duration.ofMillis(200));

    private OutageRehearsal() {}

    /** Prints the events of one end, and waits for one of them. */
    private record Witness(String name, BlockingQueue<SessionEvent> events) implements SessionListener {
        @Override
        public void onEvent(Session session, SessionEvent event) {
            String kind = event.getClass().getSimpleName();
            System.out.println(name + ": " + (event instanceof SessionEvent.Dead ? event : kind));
            events.add(event);
        }

        void await(Class<? extends SessionEvent> kind) throws InterruptedException {
            while (!kind.isInstance(events.take())) {}
        }
    }

    /** Rehearses one outage that lasts until both ends have noticed it. */
    public static void main(String[] args) throws InterruptedException {
        Witness near = new Witness("client", new LinkedBlockingQueue<>());
        Witness far = new Witness("server", new LinkedBlockingQueue<>());
        EverwireServer.Builder house = EverwireServer.builder().liveness(LIVENESS);
        try (EverwireServer home = house.listen("/", far).start();
                FaultProxy way =
                        FaultProxy.listen(0).to("127.0.0.1", home.port()).start();
                Session session = EverwireClient.to("ws://127.0.0.1:" + way.port() + "/")
                        .liveness(LIVENESS)
                        .listen(near)) {
            near.await(SessionEvent.Ready.class);
            way.apply(Blackhole.BOTH);
            System.out.println("the cable is cut");
            near.await(SessionEvent.Dead.class);
            far.await(SessionEvent.Dead.class);
            way.heal();
            System.out.println("the cable is mended");
            near.await(SessionEvent.Reconnected.class);
            System.out.println("epoch " + session.epoch() + " goes on");
        }
    }
}
