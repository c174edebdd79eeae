package io.everwire.benchmarks.contestants;

import io.everwire.CloseCode;
import io.everwire.CloseStatus;
import io.everwire.CompressionPolicy;
import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.Message;
import io.everwire.MessageView;
import io.everwire.ResumePolicy;
import io.everwire.Session;
import io.everwire.SessionListener;
import io.everwire.SessionState;
import io.everwire.StormPolicy;
import io.everwire.benchmarks.load.Stalls;
import io.everwire.server.EverwireServer;
import io.everwire.server.Group;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Everwire by its published API, with heartbeats, as everybody has it who configures nothing but a longer queue. */
public final class Everwire implements EchoService {
    /** All messages that are under way in the largest cell, 64 of 64 KiB, may wait to be written. */
    private static final Limits LIMITS = Limits.DEFAULT
            .withMessageBytes(LARGEST_MESSAGE)
            .withQueue(16 << 20, Integer.getInteger("bench.queue", 1_000));

    private final Group everybody = new Group();
    private final Witness witness = new Witness();
    private @Nullable Stalls stalls;

    @Override
    public int start() {
        EverwireServer.Builder builder = EverwireServer.builder()
                .limits(LIMITS)
                .listen(PATH, new Echo())
                .listen(GROUP, new Member())
                .listen(WATCH, witness);
        if (Boolean.getBoolean("bench.sessions")) {
            builder.sessions(ResumePolicy.DEFAULT);
        }
        if (Boolean.getBoolean("bench.deflate")) {
            builder.compression(CompressionPolicy.DEFAULT);
        }
        String host = System.getProperty("bench.host");
        if (host != null) {
            builder.host(host);
        }
        builder.port(Integer.getInteger("bench.port", 0));
        if ("off".equals(System.getProperty("bench.storm"))) {
            builder.storm(StormPolicy.NONE);
        }
        if (Boolean.getBoolean("bench.article")) {
            builder.liveness(LivenessPolicy.ARTICLE_SERVER);
        }
        Integer pingMillis = Integer.getInteger("bench.pingMillis");
        if (pingMillis != null) {
            builder.liveness(LivenessPolicy.DEFAULT
                    .withPing(Duration.ofMillis(pingMillis), timeout())
                    .withPingJitter(0));
        }
        return builder.start().port();
    }

    private static Duration timeout() {
        Integer millis = Integer.getInteger("bench.timeoutMillis");
        return millis == null ? LivenessPolicy.DEFAULT.pingTimeout() : Duration.ofMillis(millis);
    }

    @Override
    public String tell(String order) throws IOException {
        return switch (order) {
            case "verdicts" -> witness.verdicts();
            case "graces" -> Integer.toString(witness.graces());
            case "watch" -> {
                watch();
                yield "0";
            }
            case "stall" -> Long.toString(stalls == null ? 0 : stalls.worstMillis());
            case "judged" -> Integer.toString(witness.judged());
            default -> EchoService.super.tell(order);
        };
    }

    private void watch() {
        witness.forget();
        if (stalls == null) {
            stalls = Stalls.watch();
        } else {
            stalls.forget();
        }
    }

    @Override
    public int audience() {
        return everybody.size();
    }

    @Override
    public void broadcast(int times, int bytes) {
        Message message = Message.binary(new byte[bytes]);
        for (int i = 0; i < times; i++) {
            everybody.broadcast(message);
        }
    }

    private static final class Echo implements SessionListener {
        @Override
        public void onView(Session session, MessageView view) {
            if (!session.trySend(view) && session.state() != SessionState.CLOSED) {
                session.close(new CloseStatus(CloseCode.TRY_AGAIN_LATER, "you send faster than you read"));
            }
        }
    }

    private final class Member implements SessionListener {
        @Override
        public CompletionStage<?> onReady(Session session, DirectSender direct) {
            everybody.add(session);
            return CompletableFuture.completedFuture(null);
        }
    }
}
