package io.everwire.transport;

import io.everwire.Limits;
import io.everwire.LivenessPolicy;
import io.everwire.ResumePolicy;
import io.everwire.SessionListener;
import io.everwire.StormPolicy;
import io.everwire.benchmarks.contestants.EchoService;
import io.everwire.session.resume.Offer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Everwire's server without a port: its opening handshake, sessions, liveness, wheel and frame path on connections that have no
 * descriptors. Orders: {@code grow N} lets clients in until there are N; {@code pings} tells how many were answered.
 */
public final class SyntheticSessions implements EchoService, AutoCloseable {
    /** So many are let in before the event loop has its turn again. */
    private static final int STEP = 1_000;

    private static final int PORTS = 60_000;
    private static final int FIRST_PORT = 1_024;

    private final EventLoops loops = EventLoops.create(1);
    private final EventLoop loop = loops.next();
    private final InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);
    private final SyntheticChannel.Tally tally = new SyntheticChannel.Tally();
    private final Entrance entrance;
    private volatile int count;

    /** Prepares a server whose heartbeats are as the property {@code bench.pingMillis} says. */
    public SyntheticSessions() {
        LivenessPolicy liveness = LivenessPolicy.DEFAULT
                .withPing(Duration.ofMillis(Integer.getInteger("bench.pingMillis", 15_000)), Duration.ofSeconds(10))
                .withPingJitter(0)
                .withValidity(null);
        ServerSession.Config config =
                new ServerSession.Config(Limits.DEFAULT, liveness, null, new SessionListener() {}, false, null);
        SessionHouse house =
                new SessionHouse(ResumePolicy.DEFAULT, SessionHouse.inMemory(), SessionQuotas.DEFAULT, Limits.DEFAULT);
        Entrance.Rules rules = new Entrance.Rules(
                Limits.DEFAULT,
                OriginPolicy.sameHost(),
                List.of(),
                Integer.MAX_VALUE,
                Integer.MAX_VALUE,
                Entrance.Rules.DEFAULT_HANDSHAKES,
                "/healthz",
                StormPolicy.NONE,
                null);
        entrance = new Entrance(
                rules,
                (asked, offered) -> CompletableFuture.completedStage(
                        Admission.Answer.accept(handshake -> config, null, null, Admission.Entry.NONE)),
                house);
        house.open(loops);
    }

    @Override
    public int start() {
        return 0;
    }

    @Override
    public String tell(String order) throws IOException {
        String[] words = order.split(" ", -1);
        try {
            return switch (words[0]) {
                case "grow" -> {
                    int target = Integer.parseInt(words[1]);
                    while (count < target) {
                        loop.submit(() -> grow(Math.min(target, count + STEP))).get();
                    }
                    yield words[1];
                }
                case "pings" -> Long.toString(loop.submit(this::pings).get());
                default -> throw new IOException("the order '" + order + "' is unknown");
            };
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private Void grow(int target) throws UnknownHostException {
        for (int number = count; number < target; number++) {
            open(number);
            count = number + 1;
        }
        return null;
    }

    private void open(int number) throws UnknownHostException {
        // An address of its own for each, as an accepted connection has.
        int host = number / PORTS + 1;
        InetAddress address = InetAddress.getByAddress(new byte[] {10, 0, (byte) (host >> 8), (byte) host});
        InetSocketAddress remote = new InetSocketAddress(address, FIRST_PORT + number % PORTS);
        SyntheticChannel channel = new SyntheticChannel(local, remote, tally);
        channel.pipeline().addLast(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel accepted) {
                ServerUpgrade.install(accepted, loops, entrance, null);
            }
        });
        loop.register(channel).syncUninterruptibly();
        channel.receive(request(number));
    }

    private static byte[] request(int number) {
        String request = "GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Protocol: everwire.v1, " + new Offer(0, number, 1_024, 1_024, null).token()
                + "\r\n\r\n";
        return request.getBytes(StandardCharsets.US_ASCII);
    }

    private long pings() throws IOException {
        if (tally.closed > 0 || tally.greeted != count || entrance.connections() != count) {
            throw new IOException("of " + count + " sessions " + tally.greeted + " began, " + tally.closed
                    + " ended, and " + entrance.connections() + " have a place");
        }
        return tally.pings;
    }

    @Override
    public void close() {
        loops.close();
    }
}
