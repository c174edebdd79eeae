package io.everwire.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ResolverTest {
    private static final File DESCRIPTORS = new File("/proc/self/fd");

    private final EventLoops loops = EventLoops.shared();
    private final Resolver resolver = new Resolver(loops, loops.next());

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(literal + " is a literal", e);
        }
    }

    private static List<InetAddress> addresses(String... literals) {
        return List.of(literals).stream().map(ResolverTest::address).toList();
    }

    @Test
    void alternatesTheFamiliesSixFirst() {
        assertThat(Resolver.interleaved(addresses("10.0.0.1", "10.0.0.2", "10.0.0.3", "fe80::1", "fe80::2")))
                .isEqualTo(addresses("fe80::1", "10.0.0.1", "fe80::2", "10.0.0.2", "10.0.0.3"));
        assertThat(Resolver.interleaved(addresses("10.0.0.1"))).isEqualTo(addresses("10.0.0.1"));
        assertThat(Resolver.interleaved(List.of())).isEmpty();
    }

    @Test
    void looksNoLiteralUp() throws Exception {
        for (String literal : new String[] {"127.0.0.1", "[::1]"}) {
            CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
            resolver.resolve(literal, (addresses, cause) -> found.complete(addresses));
            assertThat(found.get(20, TimeUnit.SECONDS)).containsExactly(address(literal.replaceAll("[\\[\\]]", "")));
        }
    }

    @Test
    void holdsNoDescriptorOnceANameWasLookedUp() throws Exception {
        Assumptions.assumeTrue(DESCRIPTORS.isDirectory());
        resolve(resolver);
        int before = descriptors();

        List<Resolver> many = Stream.generate(() -> new Resolver(loops, loops.next()))
                .limit(50)
                .toList();
        for (Resolver one : many) {
            resolve(one);
        }

        // Far fewer than the resolvers: other tests of this process may open some meanwhile.
        assertThat(descriptors()).isLessThan(before + 25);
        many.forEach(Resolver::close);
    }

    private static void resolve(Resolver asked) throws Exception {
        CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
        asked.resolve("localhost", (addresses, cause) -> found.complete(addresses));
        assertThat(found.get(20, TimeUnit.SECONDS)).isNotEmpty();
    }

    private static int descriptors() {
        String[] open = DESCRIPTORS.list();
        return open == null ? 0 : open.length;
    }

    @Test
    void remembersTheLastGoodAddressesOfOneHostNewestFirst() {
        for (int i = 1; i <= 6; i++) {
            resolver.remember("host", address("10.0.0." + i));
            resolver.remember("host", address("10.0.0." + i));
        }

        assertThat(resolver.lastGood("host")).isEqualTo(addresses("10.0.0.6", "10.0.0.5", "10.0.0.4", "10.0.0.3"));
        assertThat(resolver.lastGood("other")).isEmpty();
        resolver.remember("other", address("10.0.1.1"));
        assertThat(resolver.lastGood("other")).isEqualTo(addresses("10.0.1.1"));
        assertThat(resolver.lastGood("host")).isEmpty();
    }
}
