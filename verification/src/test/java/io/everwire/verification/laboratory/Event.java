package io.everwire.verification.laboratory;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of a process's events: a flat JSON object with a name and a time.
 *
 * @param line the line as it was printed
 * @param name what happened
 * @param epochMillis when, by the process's own stamp
 */
record Event(String line, String name, long epochMillis) {
    private static final Pattern NAME = Pattern.compile("\"event\":\"([^\"]+)\"");
    private static final Pattern TIME = Pattern.compile("\"t\":(\\d+)\\}$");

    /** Reads a line; one that is no event is an event called {@code noise}. */
    static Event of(String line) {
        Matcher name = NAME.matcher(line);
        Matcher time = TIME.matcher(line);
        return name.find() && time.find()
                ? new Event(line, name.group(1), Long.parseLong(time.group(1)))
                : new Event(line, "noise", 0);
    }

    boolean is(String... names) {
        return Arrays.asList(names).contains(name);
    }

    /** Returns a number, or -1 when the event has none of this name. */
    long number(String member) {
        String found = find("\"" + member + "\":(-?\\d+)");
        return found.isEmpty() ? -1 : Long.parseLong(found);
    }

    /** Returns a text without its escapes undone, empty when the event has none of this name. */
    String text(String member) {
        return find("\"" + member + "\":\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"");
    }

    boolean flag(String member) {
        return line.contains("\"" + member + "\":true");
    }

    /** Returns a list of numbers. */
    List<Long> numbers(String member) {
        String found = find("\"" + member + "\":\\[([^\\]]*)\\]");
        return found.isEmpty()
                ? List.of()
                : Arrays.stream(found.split(",", -1)).map(Long::valueOf).toList();
    }

    private String find(String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(line);
        return matcher.find() ? matcher.group(1) : "";
    }
}
