package io.everwire.benchmarks.contestants;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;

/**
 * Runs one server in a process of its own. It writes its port and the moment when it listened, in milliseconds since the Unix epoch,
 * as a line, answers each line that it is sent with one of its own, and
 * ends with its input.
 */
public final class ServerMain {
    private static final int COLLECTIONS = 3;

    private ServerMain() {}

    /** Starts the {@link EchoService} whose class is named. */
    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        // Whatever a library prints must not pass for an answer.
        System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        EchoService service = Class.forName(args[0])
                .asSubclass(EchoService.class)
                .getDeclaredConstructor()
                .newInstance();
        int port = service.start();
        // Its own clock: on a busy machine it takes a while until anybody has read this.
        answers.println(port + " " + System.currentTimeMillis());
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            answers.println(answer(service, order));
        }
        // Some libraries have threads that nothing but this ends. A recording of the JVM's is written on the way out.
        System.exit(0);
    }

    private static String answer(EchoService service, String order) throws IOException {
        String[] words = order.split(" ", -1);
        return switch (words[0]) {
            case "heap" -> Long.toString(heapAfterCollection());
            case "allocated" -> Long.toString(allocated());
            case "audience" -> Integer.toString(service.audience());
            case "broadcast" -> {
                service.broadcast(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                yield "0";
            }
            default -> service.tell(order);
        };
    }

    private static long heapAfterCollection() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Returns the bytes that the threads of this moment have allocated since they began. */
    private static long allocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
            sum += Math.max(0, bytes);
        }
        return sum;
    }
}
