package io.everwire.verification.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.Repository;
import io.everwire.verification.architecture.Tidy.TextFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Judges every file of the repository. That each check can find something is shown by {@link TidyFindingsTest}. */
class TidyTest {
    private static final Set<String> TEXT = Set.of(
            "java",
            "md",
            "xml",
            "txt",
            "json",
            "properties",
            "yml",
            "yaml",
            "sh",
            "ts",
            "js",
            "mjs",
            "py",
            "css",
            "html",
            "svg");
    private static final List<TextFile> FILES = Repository.files().stream()
            .filter(TidyTest::isText)
            .map(path -> new TextFile(path, Repository.read(path)))
            .toList();

    private static boolean isText(Path path) {
        String name = String.valueOf(path.getFileName());
        return TEXT.contains(name.substring(name.lastIndexOf('.') + 1))
                || path.startsWith("bin")
                || path.startsWith(".ci")
                || name.equals(".gitignore")
                || name.equals(".editorconfig");
    }

    @Test
    void readsTheWholeRepository() {
        assertThat(FILES)
                .extracting(TextFile::path)
                .contains(
                        Path.of("pom.xml"),
                        Path.of("bin/everwire"),
                        Path.of(".ci/run"),
                        Path.of("api/src/main/java/io/everwire/Session.java"));
    }

    @Test
    void noJavaFileIsLongerThan500Lines() {
        assertNoFinding(Tidy::longFiles);
    }

    @Test
    void noMethodIsLongerThan60Lines() {
        assertNoFinding(Tidy::longMethods);
    }

    @Test
    void nothingIsLeftForLaterWithoutAnIssue() {
        assertNoFinding(Tidy::leftovers);
    }

    @Test
    void noTypeHasANameThatSaysNothing() {
        assertNoFinding(Tidy::bannedTypeNames);
    }

    @Test
    void noMethodOfOursStartsWithGet() {
        assertNoFinding(Tidy::getters);
    }

    @Test
    void noCodeSleepsDisablesATestOrPrints() {
        assertNoFinding(Tidy::bannedCode);
    }

    @Test
    void clientAndServerHoldNoWordOfTheWire() {
        assertNoFinding(Tidy::wordsOfTheWire);
    }

    @Test
    void everyTestIsASentence() {
        assertNoFinding(Tidy::testNames);
    }

    @Test
    void noLineHasATabOrEndsInWhiteSpace() {
        assertNoFinding(Tidy::whitespace);
    }

    @Test
    void everyDocumentHasOneTitle() {
        assertNoFinding(Tidy::titles);
    }

    @Test
    void everyLinkToAFileLeadsSomewhere() {
        assertNoFinding(file ->
                Tidy.deadLinks(file, path -> Files.exists(Repository.root().resolve(path))));
    }

    @Test
    void everyPackageIsDescribedAndNullMarked() {
        assertThat(Tidy.undescribedPackages(FILES)).isEmpty();
    }

    private static void assertNoFinding(Function<TextFile, List<String>> check) {
        assertThat(FILES.stream().flatMap(file -> check.apply(file).stream()).toList())
                .isEmpty();
    }
}
