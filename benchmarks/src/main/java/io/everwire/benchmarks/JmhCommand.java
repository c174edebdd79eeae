package io.everwire.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** The {@code everwire bench jmh} command: parts of the library by the JDK's own harness, with what they allocate. */
@Command(
        name = "jmh",
        description = "Measures the codec, masking, UTF-8, the wheel and the replay buffer by JMH; arguments are JMH's,"
                + " for example -f 1 -i 3 Masking.")
final class JmhCommand implements Callable<Integer> {
    @Unmatched
    private final List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        Path results = Files.createDirectories(BenchCommand.home().resolve("benchmarks/target"));
        List<String> all = new ArrayList<>(List.of(
                "-prof",
                "gc",
                "-rf",
                "json",
                "-rff",
                results.resolve("jmh.json").toString()));
        all.addAll(arguments);
        Main.main(all.toArray(String[]::new));
        return 0;
    }
}
