package io.everwire.verification.endurance;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What this process holds at one moment.
 *
 * @param descriptors open files and connections
 * @param threads the names and numbers of all threads that are there to stay
 * @param heapBytes what is reachable, by the class histogram that the JVM makes after a full collection
 * @param directBytes what Netty's allocator has taken from the system outside the heap
 * @param instances how many reachable objects each class of Everwire and Netty has
 */
record Footprint(int descriptors, Set<String> threads, long heapBytes, long directBytes, Map<String, Long> instances) {
    private static final Pattern ROW = Pattern.compile("^\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(\\S+)", Pattern.MULTILINE);
    /** Threads that end when they had nothing to do for a second and start anew, and those of the test's own waiting. */
    private static final Set<String> PASSING = Set.of("globalEventExecutor-", "awaitility-");

    private static final String DESCRIPTORS = "/proc/self/fd";

    /** Tells whether this system lets a process see its descriptors. */
    static boolean isMeasurable() {
        return new File(DESCRIPTORS).isDirectory();
    }

    /** Collects garbage and measures. */
    static Footprint now() {
        Map<String, Long> instances = new TreeMap<>();
        long bytes = 0;
        Matcher row = ROW.matcher(histogram());
        while (row.find()) {
            bytes += Long.parseLong(row.group(2));
            String name = row.group(3);
            if (name.startsWith("io.everwire.") || name.startsWith("io.netty.")) {
                instances.put(name, Long.parseLong(row.group(1)));
            }
        }
        return new Footprint(descriptorsNow(), threadsNow(), bytes, directBytesNow(), instances);
    }

    /** Collects garbage and counts the reachable objects of one class. */
    static long count(String className) {
        Matcher row = ROW.matcher(histogram());
        while (row.find()) {
            if (row.group(3).equals(className)) {
                return Long.parseLong(row.group(1));
            }
        }
        return 0;
    }

    static int descriptorsNow() {
        String[] open = new File(DESCRIPTORS).list();
        return open == null ? 0 : open.length;
    }

    private static Set<String> threadsNow() {
        Set<String> names = new TreeSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (PASSING.stream().noneMatch(thread.getName()::startsWith)) {
                names.add(thread.getName() + "#" + thread.getId());
            }
        }
        return names;
    }

    private static long directBytesNow() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }

    /** What {@code jcmd … GC.class_histogram} prints. */
    private static String histogram() {
        try {
            return (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
        } catch (JMException e) {
            throw new LinkageError("this JVM makes no class histogram", e);
        }
    }

    /**
     * Returns a sentence for everything that there is more of than before.
     *
     * @param instancesAllowed how many more objects a class may have: caches and records of events breathe
     * @param heapBytesAllowed how much more heap may be reachable
     */
    List<String> growthSince(Footprint before, long instancesAllowed, long heapBytesAllowed) {
        List<String> growth = new ArrayList<>();
        if (descriptors > before.descriptors) {
            growth.add("descriptors: " + before.descriptors + ", now " + descriptors);
        }
        if (threads.size() > before.threads.size()) {
            growth.add("threads: " + before.threads + ", now " + threads);
        }
        if (heapBytes > before.heapBytes + heapBytesAllowed) {
            growth.add("heap: " + before.heapBytes + " bytes, now " + heapBytes);
        }
        instances.forEach((name, count) -> {
            long was = before.instances.getOrDefault(name, 0L);
            if (count > was + instancesAllowed) {
                growth.add(name + ": " + was + ", now " + count);
            }
        });
        return growth;
    }

    @Override
    public String toString() {
        return descriptors + " descriptors, " + threads.size() + " threads, " + heapBytes + " bytes of heap, "
                + directBytes + " bytes of direct memory";
    }
}
