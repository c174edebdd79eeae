package io.everwire.benchmarks.clients;

import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.Session;
import io.everwire.SessionEvent;
import io.everwire.SessionListener;
import io.everwire.client.EverwireClient;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Everwire's client by its published API. With the property {@code bench.pings}, two numbers of milliseconds, it pings after the
 * first and waits for the second; without, all is as it ships.
 */
public final class EverwireReturns implements ReturningClient {
    private volatile @Nullable Session session;

    @Override
    public void start(String url, Diary diary) {
        session = EverwireClient.to(url).liveness(liveness()).listen(new SessionListener() {
            @Override
            public void onMessage(Session from, Message message) {
                diary.answered(message.text());
            }

            @Override
            public void onEvent(Session of, SessionEvent event) {
                if (event instanceof SessionEvent.Ready) {
                    diary.ready();
                } else if (event instanceof SessionEvent.Lost lost) {
                    diary.lost(lost.cause().message());
                } else if (event instanceof SessionEvent.Closed closed) {
                    diary.lost("for ever: " + closed.cause().message());
                }
            }
        });
    }

    private static LivenessPolicy liveness() {
        String pings = System.getProperty("bench.pings");
        if (pings == null) {
            return LivenessPolicy.DEFAULT;
        }
        String[] millis = pings.split(",", -1);
        return LivenessPolicy.DEFAULT.withPing(
                Duration.ofMillis(Long.parseLong(millis[0])), Duration.ofMillis(Long.parseLong(millis[1])));
    }

    @Override
    public void beat(long number) {
        Session to = session;
        if (to != null) {
            to.send(Message.text(Long.toString(number)));
        }
    }
}
