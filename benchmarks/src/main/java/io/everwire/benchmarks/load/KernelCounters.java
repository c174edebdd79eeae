package io.everwire.benchmarks.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the kernel counts for the whole machine. */
public final class KernelCounters {
    private static final Path NETWORK = Path.of("/proc/net/netstat");

    private KernelCounters() {}

    /** Returns how many connections found the queue of those that wait to be accepted full; 0 where that is not told. */
    public static long listenOverflows() throws IOException {
        if (!Files.isReadable(NETWORK)) {
            return 0;
        }
        // A line of names, then one of values.
        List<String> lines = Files.readAllLines(NETWORK);
        for (int i = 0; i + 1 < lines.size(); i += 2) {
            List<String> names = List.of(lines.get(i).split(" ", -1));
            int index = names.indexOf("ListenOverflows");
            if (index >= 0) {
                return Long.parseLong(lines.get(i + 1).split(" ", -1)[index]);
            }
        }
        return 0;
    }
}
