package io.everwire.verification.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/security.md is true: what it names exists and bears the row's id, and what bears an id stands in it. */
class SecurityDocumentTest {
    private static final String ID = "[A-Z]{2,4}-[0-9]{2}";
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (" + ID + ") \\|([^|]*)\\|(.*)\\|$");
    private static final Pattern NAMED = Pattern.compile("`([A-Za-z0-9]+)#([A-Za-z0-9_]+)`");
    private static final Pattern BEARING = Pattern.compile("@DisplayName\\(\\s*\"((?:" + ID
            + "(?:, )?)+):[^\"]*\"\\)(?:(?!\\bvoid\\b)[^;])*?\\bvoid ([A-Za-z0-9_]+)\\(");

    private static final String DOCUMENT = Repository.read(Path.of("docs/security.md"));

    /** Returns, for each id, the tests that bear it, as Class#method. */
    private static Map<String, Set<String>> bearing() {
        Map<String, Set<String>> tests = new TreeMap<>();
        for (Path file : Repository.files()) {
            String name = String.valueOf(file.getFileName());
            if (name.endsWith("Test.java")) {
                Matcher test = BEARING.matcher(Repository.read(file));
                while (test.find()) {
                    for (String id : test.group(1).split(", ", -1)) {
                        tests.computeIfAbsent(id, ignored -> new TreeSet<>())
                                .add(name.replace(".java", "") + "#" + test.group(2));
                    }
                }
            }
        }
        return tests;
    }

    /** Returns, for each id of the document, the tests that its row names. */
    private static Map<String, Set<String>> named() {
        Map<String, Set<String>> rows = new TreeMap<>();
        Matcher row = ROW.matcher(DOCUMENT);
        while (row.find()) {
            Set<String> tests = rows.computeIfAbsent(row.group(1), ignored -> new TreeSet<>());
            Matcher test = NAMED.matcher(row.group(3));
            while (test.find()) {
                tests.add(test.group(1) + "#" + test.group(2));
            }
        }
        return rows;
    }

    @Test
    void namesExactlyTheTestsThatBearTheIdOfEachRow() {
        Map<String, Set<String>> rows = named();
        rows.values().removeIf(Set::isEmpty);
        assertThat(rows).isEqualTo(bearing());
    }

    @Test
    void saysOfEveryRowWithoutATestWhyItHasNone() {
        Matcher row = ROW.matcher(DOCUMENT);
        while (row.find()) {
            assertThat(row.group(3).strip()).as(row.group(1)).hasSizeGreaterThan(20);
        }
        assertThat(named()).hasSizeGreaterThan(50);
    }

    @Test
    void listsEveryRowOnce() {
        List<String> ids =
                ROW.matcher(DOCUMENT).results().map(row -> row.group(1)).toList();
        assertThat(ids).doesNotHaveDuplicates();
    }

    @Test
    void findsATestByItsId() {
        assertThat(bearing().get("FRAG-04")).contains("HostileFramesTest#failsWithTooLargeOnEmptyFragmentsWithoutEnd");
    }
}
