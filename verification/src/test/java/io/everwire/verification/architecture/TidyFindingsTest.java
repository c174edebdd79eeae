package io.everwire.verification.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.architecture.Tidy.TextFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows for every check of {@link Tidy} what it finds, and what it lets pass. */
class TidyFindingsTest {
    private static final String MAIN = "server/src/main/java/io/everwire/server/A.java";
    private static final String TEST = "server/src/test/java/io/everwire/server/ATest.java";

    private static TextFile file(String path, String text) {
        return new TextFile(Path.of(path), text);
    }

    private static String method(int lines) {
        return "class A {\n    @Override\n    void longer(int a) {\n" + "        a();\n".repeat(lines - 2)
                + "    }\n}\n";
    }

    @Nested
    class Length {
        @Test
        void findsAFileOf501Lines() {
            assertThat(Tidy.longFiles(file(MAIN, "\n".repeat(501)))).hasSize(1);
            assertThat(Tidy.longFiles(file(MAIN, "\n".repeat(500)))).isEmpty();
            assertThat(Tidy.longFiles(file("docs/a.md", "\n".repeat(501)))).isEmpty();
        }

        @Test
        void findsAMethodOf61Lines() {
            assertThat(Tidy.longMethods(file(MAIN, method(61))))
                    .singleElement()
                    .asString()
                    .startsWith(MAIN + ":3: longer has 61 lines");
            assertThat(Tidy.longMethods(file(MAIN, method(60)))).isEmpty();
        }

        @Test
        void isNotDeceivedByBracesInStringsAndComments() {
            String text = """
                    class A {
                        String a = "{"; char b = '{'; char c = '\\''; // {
                        /* { */ String d = \"""
                            { " {
                            \""";
                        @Size({1, 2}) A() { run(() -> { a = "\\"{"; }); }
                        int[] table = {1, 2};
                        static { a(); }
                        <T> void last() throws E {
                            b();
                        }
                    }
                    """;
            List<JavaSource.Method> methods = new JavaSource(text).methods();

            assertThat(methods).extracting(JavaSource.Method::name).containsExactly("A", "static", "last");
            assertThat(methods).extracting(JavaSource.Method::firstLine).containsExactly(6, 8, 9);
            assertThat(methods).extracting(JavaSource.Method::lines).containsExactly(1, 1, 3);
        }

        @Test
        void seesMethodsOfNestedTypesRecordsAndInterfaces() {
            String text = """
                    sealed interface A permits B {
                        int first(int a);
                        record B(int a) implements A {
                            B {
                                check(a);
                            }
                            @Override
                            public int first(int b) { return b; }
                        }
                        enum C { ONE(1) { void third() {} }; abstract void third(); }
                    }
                    """;
            JavaSource source = new JavaSource(text);

            assertThat(source.types()).containsExactly("A", "B", "C");
            assertThat(source.methods()).extracting(JavaSource.Method::name).contains("first", "B", "third");
        }
    }

    @Nested
    class Words {
        @ParameterizedTest
        @ValueSource(strings = {"// TODO later", "/** FIXME */", "// TODO(someone) later"})
        void findsWhatIsLeftForLater(String comment) {
            assertThat(Tidy.leftovers(file(MAIN, comment))).hasSize(1);
        }

        @Test
        void letsAnIssueOrAStringBeLeftForLater() {
            assertThat(Tidy.leftovers(file(MAIN, "// TODO(#12) later\nString a = \"TODO\";")))
                    .isEmpty();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "class SessionManager {}",
                    "final class FrameUtils {}",
                    "interface RetryHelper {}",
                    "record CallContext(int a) {}",
                    "enum PingPacket { A }",
                    "class ServerSocket {}"
                })
        void findsATypeWhoseNameSaysNothing(String type) {
            assertThat(Tidy.bannedTypeNames(file(MAIN, type))).hasSize(1);
        }

        @Test
        void letsAWebSocketBeCalledOne() {
            assertThat(Tidy.bannedTypeNames(file(MAIN, "class PlainWebSocket { ServerManager a; }")))
                    .isEmpty();
        }

        @Test
        void findsAMethodThatStartsWithGet() {
            assertThat(Tidy.getters(file(MAIN, "class A { public int getSize() { return 1; } }")))
                    .hasSize(1);
            assertThat(Tidy.getters(file(MAIN, "interface A { int getSize(); }")))
                    .hasSize(1);
        }

        @Test
        void letsGetBeOverriddenOrCalled() {
            String text =
                    "class A { @Override public int getSize() { return b.getSize(); } int getaway() { return 1; } }";

            assertThat(Tidy.getters(file(MAIN, text))).isEmpty();
            assertThat(Tidy.getters(file(TEST, "class A { int getSize() { return 1; } }")))
                    .isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"class A { void a() { Thread.sleep(1); } }", "@Disabled class A {}"})
        void findsBannedCodeInMainAndTest(String text) {
            assertThat(Tidy.bannedCode(file(MAIN, text))).hasSize(1);
            assertThat(Tidy.bannedCode(file(TEST, text))).hasSize(1);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "class A { void a() { System.out.println(); } }",
                    "class A { void a() { System . err.println(); } }"
                })
        void findsPrintingInMain(String text) {
            assertThat(Tidy.bannedCode(file(MAIN, text))).hasSize(1);
            assertThat(Tidy.bannedCode(file(TEST, text))).isEmpty();
        }

        @Test
        void letsTheCommandLinePrint() {
            assertThat(Tidy.bannedCode(file("cli/src/main/java/A.java", "class A { PrintStream a = System.out; }")))
                    .isEmpty();
            assertThat(Tidy.bannedCode(file(MAIN, "// Thread.sleep(1) and System.out\n")))
                    .isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"\"Sec-WebSocket-Key\"", "\"258EAFA5-E914\"", "\"everwire.v1\""})
        void findsAWordOfTheWireInClientAndServer(String literal) {
            assertThat(Tidy.wordsOfTheWire(file(MAIN, "String a = " + literal + ";")))
                    .hasSize(1);
            assertThat(Tidy.wordsOfTheWire(file("transport/src/main/java/A.java", literal)))
                    .isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"testCloses", "closes_when_silent", "closes", "ClosesWhenSilent"})
        void findsATestThatIsNoSentence(String name) {
            assertThat(Tidy.testNames(file(TEST, "class A { @Test void " + name + "() {} }")))
                    .hasSize(1);
        }

        @Test
        void letsATestBeASentence() {
            String text =
                    "class A { @ParameterizedTest @ValueSource(ints = {1, 2}) void closesWith1002OfSection5_7(int a) {} void a() {} }";

            assertThat(Tidy.testNames(file(TEST, text))).isEmpty();
        }
    }

    @Nested
    class Texts {
        @ParameterizedTest
        @ValueSource(strings = {"a\tb\n", "a \nb\n", "a\r\n", "no end"})
        void findsWhiteSpaceThatNobodySees(String text) {
            assertThat(Tidy.whitespace(file("pom.xml", text))).hasSize(1);
            assertThat(Tidy.whitespace(file("pom.xml", "a\n\n  b\n"))).isEmpty();
        }

        @Test
        void findsADocumentWithoutTitleOrWithTwo() {
            assertThat(Tidy.titles(file("a.md", "text\n"))).hasSize(1);
            assertThat(Tidy.titles(file("a.md", "# One\n\n# Two\n"))).hasSize(1);
            assertThat(Tidy.titles(file("a.md", "# One\n\n## Part\n```\n# a comment\n```\n")))
                    .isEmpty();
        }

        @Test
        void findsALinkThatLeadsNowhere() {
            String text =
                    "# A\n[a](b.md) [c](../d.md#part) [e](#part) [f](https://example.org)\n```\n[g](h)\n```\n[i]: j.md\n";

            assertThat(Tidy.deadLinks(file("docs/a.md", text), path -> false))
                    .containsExactly(
                            "docs/a.md:2: the link to b.md leads nowhere",
                            "docs/a.md:2: the link to ../d.md leads nowhere",
                            "docs/a.md:6: the link to j.md leads nowhere");
            assertThat(Tidy.deadLinks(
                            file("docs/a.md", text),
                            List.of(Path.of("docs/b.md"), Path.of("d.md"), Path.of("docs/j.md"))::contains))
                    .isEmpty();
        }
    }

    @Nested
    class Packages {
        private static final String INFO = "server/src/main/java/io/everwire/server/package-info.java";

        @Test
        void findsAPackageWithoutPackageInfo() {
            assertThat(Tidy.undescribedPackages(List.of(file(MAIN, ""))))
                    .containsExactly("io.everwire.server: has no package-info");
            assertThat(Tidy.undescribedPackages(List.of(file(TEST, "")))).hasSize(1);
        }

        @Test
        void findsAPackageThatIsNotNullMarkedOrNotDescribed() {
            assertThat(Tidy.undescribedPackages(List.of(file(INFO, "/** The server. */ package a;"))))
                    .hasSize(1);
            assertThat(Tidy.undescribedPackages(List.of(file(INFO, "// @NullMarked\n/** The server. */ package a;"))))
                    .hasSize(1);
            assertThat(Tidy.undescribedPackages(List.of(file(INFO, "@NullMarked package a;"))))
                    .hasSize(1);
            String later = "/** To be described by its first class. */ @NullMarked package a;";
            assertThat(Tidy.undescribedPackages(List.of(file(INFO, later), file(MAIN, ""))))
                    .hasSize(1);
        }

        @Test
        void letsAnEmptyPackageBeDescribedLaterAndATestShareThePackageOfMainCode() {
            String later = "/** To be described by its first class. */ @NullMarked package a;";

            assertThat(Tidy.undescribedPackages(List.of(file(INFO, later), file(TEST, ""))))
                    .isEmpty();
        }
    }
}
