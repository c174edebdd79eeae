package io.everwire.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What a command talks to.
 *
 * @param in messages, or faults, line by line
 * @param out what was asked for
 * @param err status and mistakes
 * @param isWatched whether a person looks at a terminal, so that lines may change in place
 * @param paint colors, or none
 * @param stop the wish that the command ends
 */
record Terminal(InputStream in, PrintStream out, PrintStream err, boolean isWatched, Paint paint, Stop stop) {
    /** The streams of this process, in UTF-8 wherever it runs. */
    static Terminal ofThisProcess() {
        boolean isWatched = isTerminal() && !"dumb".equals(System.getenv("TERM"));
        String noColor = System.getenv("NO_COLOR");
        boolean isColored = isWatched && (noColor == null || noColor.isEmpty());
        return new Terminal(
                System.in,
                stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                isWatched,
                new Paint(isColored),
                Stop.ofThisProcess());
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
    }

    /** Newer JDKs give a console for pipes too, and a method that tells it; before them, a console is a terminal. */
    @SuppressWarnings("SystemConsoleNull") // On older ones it does mean something.
    private static boolean isTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /** Tells of a mistake in one sentence. */
    void complain(String sentence) {
        err.println(paint.red("everwire: ") + sentence);
        err.flush();
    }
}
