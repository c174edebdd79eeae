package io.everwire.transport;

import io.netty.channel.EventLoop;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks a host's addresses up, anew on every attempt: nothing is cached, neither a success that may be stale nor a failure that
 * may be over. Keeps the last good addresses for attempts whose look-up fails or is slow.
 *
 * <p><b>Thread safety.</b> One session, one event loop.
 */
final class Resolver {
    private static final int QUERY_MILLIS = 2_000;

    private final EventLoops loops;
    private final EventLoop loop;
    private @Nullable DnsNameResolver dns;
    private List<InetAddress> lastGood = List.of();
    private String lastGoodHost = "";

    Resolver(EventLoops loops, EventLoop loop) {
        this.loops = loops;
        this.loop = loop;
    }

    /** Looks the host up; calls back on the event loop with addresses in the order of dialing, or with the reason. */
    void resolve(String host, BiConsumer<List<InetAddress>, @Nullable Throwable> callback) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(bare);
        if (literal != null) {
            try {
                callback.accept(List.of(InetAddress.getByAddress(bare, literal)), null);
            } catch (UnknownHostException e) {
                callback.accept(List.of(), e);
            }
            return;
        }
        resolver().resolveAll(bare).addListener((io.netty.util.concurrent.Future<List<InetAddress>> done) -> {
            if (done.isSuccess()) {
                callback.accept(interleaved(done.getNow()), null);
            } else {
                callback.accept(List.of(), done.cause());
            }
        });
    }

    private DnsNameResolver resolver() {
        DnsNameResolver ready = dns;
        if (ready == null) {
            ready = new DnsNameResolverBuilder(loop)
                    .datagramChannelFactory(loops.datagramChannels())
                    .resolvedAddressTypes(ResolvedAddressTypes.IPV6_PREFERRED)
                    .resolveCache(NoopDnsCache.INSTANCE)
                    .cnameCache(NoopDnsCnameCache.INSTANCE)
                    .queryTimeoutMillis(QUERY_MILLIS)
                    // A descriptor for each look-up, not for the session's life: who is connected needs none, and one
                    // that was bound before the network changed may no longer reach anybody.
                    .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                    .build();
            dns = ready;
        }
        return ready;
    }

    /** Alternates the families, IPv6 first (RFC 8305 §4). */
    static List<InetAddress> interleaved(List<InetAddress> found) {
        List<InetAddress> six = new ArrayList<>();
        List<InetAddress> four = new ArrayList<>();
        for (InetAddress address : found) {
            (address instanceof Inet6Address ? six : four).add(address);
        }
        List<InetAddress> mixed = new ArrayList<>();
        for (int i = 0; i < Math.max(six.size(), four.size()); i++) {
            if (i < six.size()) {
                mixed.add(six.get(i));
            }
            if (i < four.size()) {
                mixed.add(four.get(i));
            }
        }
        return mixed;
    }

    /** Remembers an address that accepted a connection. */
    void remember(String host, InetAddress good) {
        if (!host.equals(lastGoodHost)) {
            lastGood = List.of();
            lastGoodHost = host;
        }
        if (!lastGood.contains(good)) {
            List<InetAddress> more = new ArrayList<>(lastGood);
            more.add(0, good);
            lastGood = more.size() > 4 ? more.subList(0, 4) : more;
        }
    }

    List<InetAddress> lastGood(String host) {
        return host.equals(lastGoodHost) ? lastGood : List.of();
    }

    void close() {
        if (dns != null) {
            dns.close();
            dns = null;
        }
    }
}
