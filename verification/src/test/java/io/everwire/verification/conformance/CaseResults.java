package io.everwire.verification.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Autobahn found, case by case: how the end under test behaved and how it closed.
 *
 * @param rows the verdicts by case number, for example {@code 6.4.1}, in numerical order
 */
record CaseResults(SortedMap<String, Verdict> rows) {
    private static final Pattern ROW = Pattern.compile("\"(\\d+(?:\\.\\d+)+)\"\\s*:\\s*\\{([^}]*)}");
    private static final Pattern BEHAVIOR = Pattern.compile("\"behavior\"\\s*:\\s*\"([^\"]*)\"");
    private static final Pattern BEHAVIOR_CLOSE = Pattern.compile("\"behaviorClose\"\\s*:\\s*\"([^\"]*)\"");

    /** Autobahn's two words on a case; {@code OK} and {@code INFORMATIONAL} are the good ones. */
    record Verdict(String behavior, String behaviorClose) {
        @Override
        public String toString() {
            return behavior + " " + behaviorClose;
        }
    }

    /** Reads the {@code index.json} that Autobahn writes for one agent. */
    static CaseResults ofIndex(String json) {
        CaseResults results = empty();
        Matcher row = ROW.matcher(json);
        while (row.find()) {
            results.rows.put(
                    row.group(1), new Verdict(word(BEHAVIOR, row.group(2)), word(BEHAVIOR_CLOSE, row.group(2))));
        }
        return results;
    }

    private static String word(Pattern pattern, String fields) {
        Matcher matcher = pattern.matcher(fields);
        return matcher.find() ? matcher.group(1) : "ABSENT";
    }

    /** Reads the golden file: a line for each case, with its number, behavior and behaviorClose. */
    static CaseResults ofGolden(String text) {
        CaseResults results = empty();
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words.length != 3 || results.rows.put(words[0], new Verdict(words[1], words[2])) != null) {
                throw new IllegalArgumentException("not a new case with two verdicts: " + line);
            }
        }
        return results;
    }

    /** Returns these and the other results; no case may be in both. */
    CaseResults and(CaseResults others) {
        CaseResults union = empty();
        union.rows.putAll(rows);
        for (Map.Entry<String, Verdict> row : others.rows.entrySet()) {
            if (union.rows.put(row.getKey(), row.getValue()) != null) {
                throw new IllegalArgumentException("case " + row.getKey() + " was run twice");
            }
        }
        return union;
    }

    /** Returns a sentence for each case that differs, was not run, or is not expected at all. */
    List<String> differencesFrom(CaseResults expected) {
        TreeSet<String> cases = new TreeSet<>(expected.rows.comparator());
        cases.addAll(expected.rows.keySet());
        cases.addAll(rows.keySet());
        List<String> differences = new ArrayList<>();
        for (String number : cases) {
            String found = String.valueOf(rows.get(number));
            String wanted = String.valueOf(expected.rows.get(number));
            if (!found.equals(wanted)) {
                differences.add("case " + number + ": expected " + wanted + ", found " + found);
            }
        }
        return differences;
    }

    private static CaseResults empty() {
        return new CaseResults(new TreeMap<>(Comparator.comparing(CaseResults::numbers, CaseResults::compare)));
    }

    private static int[] numbers(String number) {
        return Pattern.compile("\\.")
                .splitAsStream(number)
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    private static int compare(int[] left, int[] right) {
        return Arrays.compare(left, right);
    }
}
