package io.everwire.verification.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows for every rule that it fails on code that breaks it: a rule that cannot fail proves nothing. */
class RulesTest {
    private static final String MARKED = "@org.jspecify.annotations.NullMarked package ";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "long now() { return System.nanoTime(); }",
                "long now() { return System.currentTimeMillis(); }",
                "java.util.function.LongSupplier clock = System::nanoTime;",
                "Object now() { return java.time.Instant.now(); }",
                "Object clock() { return java.time.Clock.systemUTC(); }",
                "double draw() { return Math.random(); }",
                "java.util.function.DoubleSupplier draw = Math::random;",
                "Object draw() { return new java.util.Random(1); }",
                "Object draw() { return new java.util.SplittableRandom(); }",
                "Object draw() { return java.util.concurrent.ThreadLocalRandom.current(); }",
                "Object draw() { return new java.security.SecureRandom(); }",
                "Object draw() { return java.util.UUID.randomUUID(); }",
                "void start() { new Thread(() -> {}).start(); }",
                "Object pool = java.util.concurrent.Executors.newCachedThreadPool();",
                "Object lock = new java.util.concurrent.locks.ReentrantLock();",
                "void lock() throws InterruptedException { wait(); }",
                "Object later(Runnable task) { return java.util.concurrent.CompletableFuture.runAsync(task); }",
                "Object later(java.util.concurrent.CompletableFuture<?> stage) { return stage.join(); }",
                "Object peer() throws Exception { return new java.net.Socket(\"localhost\", 1); }",
                "java.nio.channels.SocketChannel channel;",
                "java.io.InputStream stream;",
                "Object text(java.nio.file.Path file) throws Exception { return java.nio.file.Files.readString(file); }",
                "Object log = System.getLogger(\"x\");",
                "Object log = org.slf4j.LoggerFactory.getLogger(\"x\");"
            })
    void engineIsNotPure(String member) throws IOException {
        List<String> enginePackages =
                List.of("io.everwire", "io.everwire.protocol", "io.everwire.session", "io.everwire.faults");
        Snippets snippets = new Snippets(directory);
        enginePackages.forEach(name -> snippets.add(name + ".Bad", "class Bad { " + member + " }"));
        JavaClasses types = snippets.compile();

        assertThatThrownBy(() -> Rules.ENGINES_ARE_PURE.check(types))
                .message()
                .contains(enginePackages.stream().map(name -> name + ".Bad").toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "long handle(java.nio.ByteBuffer bytes, long nowNanos) { return nowNanos; }",
                "long draw(java.util.random.RandomGenerator random) { return random.nextLong(); }",
                "Object fork(long seed) { return new java.util.SplittableRandom(seed); }",
                "java.util.concurrent.CompletionStage<Void> done = java.util.concurrent.CompletableFuture.completedStage(null);",
                "java.net.URI uri = java.net.URI.create(\"ws://localhost\");",
                "java.time.Duration silence = java.time.Duration.ofSeconds(1);"
            })
    void engineIsPureWhenTimeAndChanceAreGiven(String member) throws IOException {
        Rules.ENGINES_ARE_PURE.check(compile("io.everwire.session", member));
    }

    static Stream<Arguments> brokenRules() {
        return Stream.of(
                arguments(
                        Rules.PROTOCOL_KNOWS_NETTYS_BUFFERS_ONLY,
                        "io.everwire.protocol",
                        "io.netty.channel.Channel way;"),
                arguments(
                        Rules.OTHER_ENGINES_DO_NOT_KNOW_NETTY, "io.everwire.session", "io.netty.buffer.ByteBuf bytes;"),
                arguments(Rules.OTHER_ENGINES_DO_NOT_KNOW_NETTY, "io.everwire", "io.netty.buffer.ByteBuf bytes;"),
                arguments(Rules.PROTOCOL_DOES_NOT_KNOW_SESSION, "io.everwire.protocol", "io.everwire.session.Known a;"),
                arguments(Rules.SESSION_DOES_NOT_KNOW_PROTOCOL, "io.everwire.session", "io.everwire.protocol.Known a;"),
                arguments(Rules.CLIENT_DOES_NOT_KNOW_SERVER, "io.everwire.client", "io.everwire.server.Known a;"),
                arguments(Rules.SERVER_DOES_NOT_KNOW_CLIENT, "io.everwire.server", "io.everwire.client.Known a;"),
                arguments(
                        Rules.CLIENT_AND_SERVER_HOLD_NO_RULE_OF_THE_WIRE,
                        "io.everwire.client",
                        "io.everwire.protocol.Known a;"),
                arguments(Rules.API_KNOWS_NOTHING_OF_OURS, "io.everwire", "io.everwire.session.Known a;"),
                arguments(
                        Rules.ENGINES_KNOW_NOTHING_ABOVE_THEM, "io.everwire.session", "io.everwire.transport.Known a;"),
                arguments(
                        Rules.TRANSPORT_KNOWS_NOTHING_ABOVE_IT, "io.everwire.transport", "io.everwire.client.Known a;"),
                arguments(
                        Rules.FAULTS_KNOW_NOTHING_OF_OURS, "io.everwire.faults.proxy", "io.everwire.protocol.Known a;"),
                arguments(
                        Rules.ONLY_TRANSPORT_TOUCHES_NETWORK_AND_THREADS,
                        "io.everwire.server",
                        "io.netty.channel.EventLoop loop;"),
                arguments(
                        Rules.ONLY_TRANSPORT_TOUCHES_NETWORK_AND_THREADS,
                        "io.everwire.client",
                        "void start(Runnable task) { new Thread(task).start(); }"),
                arguments(
                        Rules.ONLY_TRANSPORT_TOUCHES_NETWORK_AND_THREADS,
                        "io.everwire.server",
                        "Object pool = java.util.concurrent.Executors.newCachedThreadPool();"),
                arguments(
                        Rules.ONLY_A_STORE_TOUCHES_FILES,
                        "io.everwire.transport",
                        "java.nio.channels.FileChannel file;"),
                arguments(
                        Rules.ONLY_A_STORE_TOUCHES_FILES,
                        "io.everwire.server",
                        "Object text(java.nio.file.Path file) throws Exception { return java.nio.file.Files.readString(file); }"),
                arguments(Rules.EVERY_PACKAGE_IS_NULL_MARKED, "io.everwire.unmarked", ""),
                arguments(
                        Rules.NOTHING_BARE_IS_THROWN,
                        "io.everwire.client",
                        "void fail() { throw new RuntimeException(\"something\"); }"),
                arguments(Rules.NOTHING_BARE_IS_THROWN, "io.everwire.client", "void fail() { throw new Error(); }"),
                arguments(
                        Rules.ONLY_THE_COMMAND_LINE_PRINTS,
                        "io.everwire.server",
                        "void greet() { System.out.println(); }"),
                arguments(
                        Rules.ONLY_THE_COMMAND_LINE_PRINTS,
                        "io.everwire.server",
                        "void shout(Exception e) { e.printStackTrace(); }"));
    }

    static Stream<Arguments> brokenRulesOfStores() {
        return Stream.of(
                arguments(
                        Rules.A_STORE_KNOWS_SESSIONS_ONLY, "io.everwire.store.file", "io.everwire.transport.Known a;"),
                arguments(
                        Rules.A_STORE_ON_DISK_TOUCHES_NO_NETWORK,
                        "io.everwire.store.file",
                        "java.nio.channels.SocketChannel replica;"),
                arguments(
                        Rules.A_STORE_ON_DISK_TOUCHES_NO_NETWORK,
                        "io.everwire.store.file",
                        "long now() { return System.currentTimeMillis(); }"));
    }

    @ParameterizedTest
    @MethodSource({"brokenRules", "brokenRulesOfStores"})
    void ruleIsBroken(ArchRule rule, String packageName, String member) throws IOException {
        assertFails(rule, packageName, member);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Object members = java.util.concurrent.ConcurrentHashMap.newKeySet();",
                "java.util.concurrent.Executor listeners;",
                "void keepInterrupt() { Thread.currentThread().interrupt(); }",
                "java.net.InetSocketAddress address;",
                "java.nio.file.Path key;"
            })
    void serverMayHoldSharedDataAndNamesOfThings(String member) throws IOException {
        JavaClasses types = compile("io.everwire.server", member);

        Rules.ONLY_TRANSPORT_TOUCHES_NETWORK_AND_THREADS.check(types);
        Rules.ONLY_A_STORE_TOUCHES_FILES.check(types);
    }

    @Test
    void packagesFormACycle() throws IOException {
        JavaClasses types = new Snippets(directory)
                .add("io.everwire.client.inner.A", "class A { io.everwire.client.B b; }")
                .add("io.everwire.client.B", "public class B { Object a = new io.everwire.client.C(); }")
                .add("io.everwire.client.C", "public class C extends io.everwire.client.inner.D {}")
                .add("io.everwire.client.inner.D", "public class D {}")
                .compile();

        assertThatThrownBy(() -> Rules.NO_CYCLES.check(types)).hasMessageContaining("io.everwire.client.inner");
    }

    @Test
    void publicTypeIsInAPackageThatIsNotExported() throws IOException {
        JavaClasses types = new Snippets(directory)
                .add("io.everwire.session.Seen", "public class Seen {}")
                .add("io.everwire.session.inner.Hidden", "public class Hidden {}")
                .add("io.everwire.session.inner.Private", "class Private {}")
                .compile();
        ModuleDescriptor module = ModuleDescriptor.newModule("io.everwire.session")
                .exports("io.everwire.session")
                .build();

        assertThatThrownBy(() -> Rules.publicTypesAreExportedBy(module).check(types))
                .hasMessageContaining("io.everwire.session.inner.Hidden")
                .hasMessageNotContainingAny("Seen", "Private");
    }

    @Test
    void exceptionWithANameMayCallItsSuperclass() throws IOException {
        Rules.NOTHING_BARE_IS_THROWN.check(new Snippets(directory)
                .add("io.everwire.Named", "class Named extends RuntimeException { Named() { super(\"a sentence\"); } }")
                .compile());
    }

    @Test
    void packageMayBeNullMarked() throws IOException {
        Rules.EVERY_PACKAGE_IS_NULL_MARKED.check(new Snippets(directory)
                .add("io.everwire.marked.package-info", MARKED + "io.everwire.marked;")
                .add("io.everwire.marked.A", "class A {}")
                .compile());
    }

    @Test
    void everyReaderOfTheClockIsFoundButForThoseExcused() throws IOException {
        String member = "{ long now() { return System.nanoTime(); } }";
        JavaClasses types = new Snippets(directory)
                .add("io.everwire.transport.RealClock", "class RealClock " + member)
                .add("io.everwire.server.Second", "class Second " + member)
                .add("io.everwire.faults.proxy.Excused", "class Excused " + member)
                .add("io.everwire.cli.Excused", "class Excused " + member)
                .compile();

        assertThat(Rules.clockReadersAmong(types))
                .containsExactly("io.everwire.server.Second", "io.everwire.transport.RealClock");
    }

    private void assertFails(ArchRule rule, String packageName, String member) throws IOException {
        JavaClasses types = compile(packageName, member);

        assertThat(types.contain(packageName + ".Bad")).isTrue();
        assertThatThrownBy(() -> rule.check(types))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(packageName + ".Bad");
    }

    /** Compiles a class Bad with this member; each package it may name has a class Known. */
    private JavaClasses compile(String packageName, String member) throws IOException {
        Snippets snippets = new Snippets(directory.resolve(packageName));
        for (String known : new String[] {"protocol", "session", "transport", "client", "server"}) {
            if (member.contains(known + ".Known")) {
                snippets.add("io.everwire." + known + ".Known", "public class Known {}");
            }
        }
        return snippets.add(packageName + ".Bad", "class Bad { " + member + " }")
                .compile();
    }
}
