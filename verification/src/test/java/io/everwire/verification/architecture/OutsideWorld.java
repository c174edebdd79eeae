package io.everwire.verification.architecture;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What of the JDK leads out of a pure engine: network, files, threads, clocks, chance and logs. Names that only carry a value
 * are free, for example a {@code URI} or a random generator that the caller has seeded.
 */
final class OutsideWorld {
    /** A handler of cookies is the application's, and only passed on, as an executor is. */
    private static final Set<String> NETWORK_VALUES = Set.of(
            "java.net.URI", "java.net.URISyntaxException", "java.net.InetSocketAddress", "java.net.CookieHandler");

    private static final Set<String> IO_VALUES =
            Set.of("java.io.Serializable", "java.io.IOException", "java.io.UncheckedIOException");
    /** An api that promises something later needs a stage; nothing here runs on its own. */
    private static final Set<String> CONCURRENT_VALUES = Set.of(
            "java.util.concurrent.CompletionStage",
            "java.util.concurrent.CompletableFuture",
            "java.util.concurrent.ConcurrentMap");

    private static final Set<String> CLOCKS = Set.of(
            "java.lang.System.nanoTime",
            "java.lang.System.currentTimeMillis",
            "java.time.Instant.now",
            "java.time.LocalDate.now",
            "java.time.LocalDateTime.now",
            "java.time.LocalTime.now",
            "java.time.OffsetDateTime.now",
            "java.time.ZonedDateTime.now",
            "java.time.Clock.systemUTC",
            "java.time.Clock.systemDefaultZone",
            "java.time.Clock.system",
            "java.time.InstantSource.system");
    private static final Set<String> CHANCE = Set.of(
            "java.lang.Math.random",
            "java.util.Collections.shuffle",
            "java.util.UUID.randomUUID",
            "java.util.random.RandomGenerator.getDefault",
            "java.util.random.RandomGenerator.of");
    /** What code may ask of its own thread and machine without starting or stopping anything. */
    private static final Set<String> THREAD_QUESTIONS = Set.of(
            "java.lang.Thread.currentThread",
            "java.lang.Thread.interrupt",
            "java.lang.Thread.isInterrupted",
            "java.lang.Runtime.getRuntime",
            "java.lang.Runtime.availableProcessors");

    private static final Set<String> WAITING =
            Set.of("java.lang.Object.wait", "java.lang.Object.notify", "java.lang.Object.notifyAll");

    private OutsideWorld() {}

    /** Holds for classes that reach none of it. */
    static ArchCondition<JavaClass> notReached() {
        return condition(
                "use no network, file, thread, clock, chance or log",
                name -> isNetwork(name) || isFile(name) || isThread(name) || isChanceType(name) || isLog(name),
                access -> readsClock(access) || isChance(access) || isWaiting(access) || isLogSource(access));
    }

    /** Holds for classes that touch neither network nor threads, of the JDK or of Netty; a shared collection is only data. */
    static ArchCondition<JavaClass> networkAndThreadsNotReached() {
        return condition(
                "touch no network and no thread",
                name -> isNetwork(name)
                        || isThreadMaker(name)
                        || startsWithAny(name, "io.netty.channel.", "io.netty.bootstrap."),
                access -> WAITING.contains(nameOf(access)) || isThreadMember(access));
    }

    /** Holds for classes that touch no file; a {@code Path} is only a name. */
    static ArchCondition<JavaClass> filesNotReached() {
        return condition(
                "touch no file",
                name -> (startsWithAny(name, "java.io.File", "java.io.RandomAccessFile") && !name.endsWith("Exception"))
                        || startsWithAny(name, "java.nio.file.Files", "java.nio.file.FileSystem")
                        || startsWithAny(name, "java.nio.channels.FileChannel", "java.nio.channels.AsynchronousFile"),
                access -> false);
    }

    /** Holds for classes that touch no network; channels of files are none. */
    static ArchCondition<JavaClass> networkNotReached() {
        return condition(
                "touch no network",
                name -> (isNetwork(name)
                                && !startsWithAny(
                                        name, "java.nio.channels.File", "java.nio.channels.spi.AbstractInterruptible"))
                        || name.startsWith("io.netty."),
                access -> false);
    }

    /** Holds for classes that are told what time it is. */
    static ArchCondition<JavaClass> clockNotRead() {
        return condition("read no clock", name -> false, OutsideWorld::readsClock);
    }

    /** Tells whether a call reads the clock of the machine. */
    static boolean readsClock(JavaAccess<?> access) {
        return CLOCKS.contains(nameOf(access));
    }

    private static ArchCondition<JavaClass> condition(
            String description, Predicate<String> forbiddenType, Predicate<JavaAccess<?>> forbiddenAccess) {
        return new ArchCondition<>(description) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                    String target =
                            dependency.getTargetClass().getBaseComponentType().getName();
                    if (forbiddenType.test(target)) {
                        events.add(SimpleConditionEvent.violated(type, dependency.getDescription()));
                    }
                }
                for (JavaAccess<?> access : accessesOf(type)) {
                    if (forbiddenAccess.test(access)) {
                        events.add(SimpleConditionEvent.violated(type, access.getDescription()));
                    }
                }
            }
        };
    }

    /** Returns calls and field accesses as well as method references, which are no calls. */
    static List<JavaAccess<?>> accessesOf(JavaClass type) {
        List<JavaAccess<?>> accesses = new ArrayList<>(type.getAccessesFromSelf());
        accesses.addAll(type.getMethodReferencesFromSelf());
        accesses.addAll(type.getConstructorReferencesFromSelf());
        return accesses;
    }

    private static String nameOf(JavaAccess<?> access) {
        return access.getTargetOwner().getName() + "." + ((HasName) access.getTarget()).getName();
    }

    private static boolean isNetwork(String type) {
        return (type.startsWith("java.net.") && !NETWORK_VALUES.contains(type))
                || startsWithAny(type, "java.nio.channels.", "javax.net.");
    }

    private static boolean isFile(String type) {
        return (type.startsWith("java.io.") && !IO_VALUES.contains(type)) || type.startsWith("java.nio.file.");
    }

    private static boolean isThread(String type) {
        boolean isConcurrent = type.startsWith("java.util.concurrent.") && !CONCURRENT_VALUES.contains(type);
        return isConcurrent
                || isThreadMaker(type)
                || Set.of("java.lang.Thread", "java.lang.Runtime").contains(type);
    }

    /** What starts a thread or makes one wait. An executor that the application gives is only passed on. */
    private static boolean isThreadMaker(String type) {
        boolean isConcurrent = startsWithAny(
                type,
                "java.util.concurrent.Executor",
                "java.util.concurrent.ForkJoin",
                "java.util.concurrent.Scheduled",
                "java.util.concurrent.ThreadPool",
                "java.util.concurrent.CountDownLatch",
                "java.util.concurrent.CyclicBarrier",
                "java.util.concurrent.Semaphore",
                "java.util.concurrent.Phaser",
                "java.util.concurrent.locks.");
        return (isConcurrent && !type.equals("java.util.concurrent.Executor"))
                || startsWithAny(
                        type, "java.lang.ThreadLocal", "java.lang.Thread$", "java.lang.Process", "java.util.Timer");
    }

    /** A thread may be asked and may be interrupted again; anything else starts, names or awaits one. */
    private static boolean isThreadMember(JavaAccess<?> access) {
        String owner = access.getTargetOwner().getName();
        return (owner.equals("java.lang.Thread") || owner.equals("java.lang.Runtime"))
                && !THREAD_QUESTIONS.contains(nameOf(access));
    }

    private static boolean isChanceType(String type) {
        return Set.of("java.util.Random", "java.security.SecureRandom").contains(type);
    }

    private static boolean isLog(String type) {
        return startsWithAny(
                type, "org.slf4j.", "java.util.logging.", "java.lang.System$Logger", "io.netty.util.internal.logging.");
    }

    private static boolean isLogSource(JavaAccess<?> access) {
        return nameOf(access).equals("java.lang.System.getLogger");
    }

    private static boolean isChance(JavaAccess<?> access) {
        String name = nameOf(access);
        boolean unseeded = name.equals("java.util.SplittableRandom.<init>")
                && access.getDescription().contains("java.util.SplittableRandom.<init>()");
        return CHANCE.contains(name) || unseeded;
    }

    /** A stage may be completed here; it may not be waited for, timed, or moved to another thread. */
    private static boolean isWaiting(JavaAccess<?> access) {
        String name = nameOf(access);
        boolean ofStage =
                startsWithAny(name, "java.util.concurrent.CompletableFuture.", "java.util.concurrent.CompletionStage.");
        boolean waitsOrMoves = name.endsWith("Async")
                || name.endsWith(".get")
                || name.endsWith(".join")
                || name.endsWith(".orTimeout")
                || name.endsWith(".completeOnTimeout")
                || name.endsWith(".delayedExecutor");
        return WAITING.contains(name) || (ofStage && waitsOrMoves);
    }

    private static boolean startsWithAny(String name, String... prefixes) {
        for (String prefix : prefixes) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }
}
