package io.everwire.benchmarks.load;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * Runs one load in a process of its own. The first argument names it, the others are its {@code key=value} settings. It writes what
 * has happened as lines: {@code at <moment>} whenever the measurement reaches one, {@code = <figure> <value>} for each result, {@code
 * failed <sentence>} when something came that must not, and {@code end}.
 */
public final class LoadMain {
    private LoadMain() {}

    /** What a load tells its starter while it runs. */
    interface Diary {
        /** Tells that a moment is reached. */
        void at(String moment);
    }

    /** One kind of load. */
    @FunctionalInterface
    interface Load {
        Map<String, Double> run(Settings settings, Diary diary) throws Exception;
    }

    /** Runs the named load. */
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        try {
            load(args[0])
                    .run(Settings.of(args), moment -> out.println("at " + moment))
                    .forEach((figure, value) -> out.printf(Locale.ROOT, "= %s %.6g%n", figure, value));
        } catch (LoadException e) {
            out.println("failed " + e.getMessage());
        }
        out.println("end");
        Runtime.getRuntime().halt(0);
    }

    private static Load load(String name) {
        return switch (name) {
            case "echo" -> EchoLoad::run;
            case "herd" -> HerdLoad::run;
            case "idle" -> IdleLoad::run;
            case "resume" -> ResumeLoad::run;
            case "storm" -> StormLoad::run;
            default -> throw new IllegalArgumentException("the load '" + name + "' is unknown");
        };
    }
}
