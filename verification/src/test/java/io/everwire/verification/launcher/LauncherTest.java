package io.everwire.verification.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.everwire.verification.launcher.PretendedHouse.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a shell script")
class LauncherTest {
    private static final Map<String, String> PLAIN = Map.of();

    private PretendedHouse house;

    @BeforeEach
    void buildHouse(@TempDir Path directory) throws IOException {
        house = new PretendedHouse(directory);
    }

    @Nested
    class Starting {
        @Test
        void passesEveryArgumentUnchanged() throws Exception {
            Run run = house.run(PLAIN, "connect", "two words", "", "*", "--header", "a: $b");

            assertThat(run.exitCode()).isZero();
            assertThat(run.output()).endsWith("io.everwire.cli.Main\nconnect\ntwo words\n\n*\n--header\na: $b\n");
        }

        @Test
        void worksThroughSymbolicLinksFromAnyDirectory() throws Exception {
            Run run = house.runThroughLinks("serve");

            assertThat(run.errors()).contains("first start; building");
            assertThat(run.output()).endsWith("io.everwire.cli.Main\nserve\n");
        }

        @Test
        void becomesTheJvmSoThatSignalsReachIt() throws Exception {
            Run run = house.run(PLAIN);

            assertThat(run.output()).startsWith("pid " + run.pid() + "\n");
        }

        @Test
        void givesTheJvmTheOptionsOfBothVariables() throws Exception {
            Run run = house.run(Map.of("JAVA_OPTS", "-Xmx1g -Dstar=*", "EVERWIRE_OPTS", "-Xlog:gc"), "demo");

            assertThat(run.output()).contains("\n-Xmx1g\n-Dstar=*\n-Xlog:gc\n-cp\n");
        }

        @Test
        void runsFromACopyOfOurJarsSoThatALaterBuildTakesNoClassFromARunningServer() throws Exception {
            List<String> before = classPathOf(house.run(PLAIN));
            house.write("api/src/main/java/A.java", "class A { int changed; }");
            List<String> after = classPathOf(house.run(PLAIN));

            assertThat(Path.of(before.get(0))).hasContent("build of class A {}\n");
            assertThat(Path.of(after.get(0))).hasContent("build of class A { int changed; }\n");
            assertThat(before).contains(house.path("pom.xml").toString()).hasSize(3);
        }

        @Test
        void allowsNativeAccessFromJava24On() throws Exception {
            house.installJava("25.0.3");
            assertThat(house.run(PLAIN).output()).contains("--enable-native-access=ALL-UNNAMED");

            house.installJava("17.0.15");
            assertThat(house.run(PLAIN).output()).doesNotContain("--enable-native-access");
        }

        private List<String> classPathOf(Run run) {
            List<String> lines = run.output().lines().toList();
            return List.of(lines.get(lines.indexOf("-cp") + 1).split(":", -1));
        }
    }

    @Nested
    class Building {
        @Test
        void buildsOnFirstUseWithOneLineOfProgress() throws Exception {
            Run run = house.run(PLAIN);

            assertThat(run.errors().lines()).hasSize(1);
            assertThat(house.mavenCalls()).hasSize(1);
            assertThat(house.mavenCalls().get(0)).contains("-o ", "-pl cli -am", "-Dmaven.test.skip=true");
        }

        @Test
        void doesNotBuildAgainWhenNothingHasChanged() throws Exception {
            house.run(PLAIN);
            Run second = house.run(PLAIN);

            assertThat(second.errors()).isEmpty();
            assertThat(house.mavenCalls()).hasSize(1);
        }

        @Test
        void buildsAgainWhenASourceOrAPomIsNewer() throws Exception {
            house.run(PLAIN);
            List<String> changes =
                    List.of("api/src/main/java/A.java", "cli/src/main/java/New.java", "api/pom.xml", "pom.xml");
            for (String change : changes) {
                house.write(change, "changed");

                assertThat(house.run(PLAIN).errors()).as(change).contains("the sources have changed; building");
            }
            assertThat(house.mavenCalls()).hasSize(1 + changes.size());
        }

        @Test
        void buildsAgainWhenASourceWasDeleted() throws Exception {
            house.run(PLAIN);
            house.delete("api/src/main/java/A.java");
            house.run(PLAIN);

            assertThat(house.mavenCalls()).hasSize(2);
        }

        @Test
        void buildsAgainWhenASourceWasEditedDuringTheBuild() throws Exception {
            house.installMaven(
                    "until find api/src -newer cli/target/build-started | grep -q A; do touch api/src/main/java/A.java; done");
            house.run(PLAIN);
            house.run(PLAIN);

            assertThat(house.mavenCalls()).hasSize(2);
        }

        @Test
        void buildsAgainWhenTheClassPathLeadsToAnotherCheckout() throws Exception {
            house.run(PLAIN);
            house.write("cli/target/classpath.txt", house.path("pom.xml").toString());
            house.run(PLAIN);

            assertThat(house.mavenCalls()).hasSize(2);
        }

        @Test
        void usesTheBuildThatMavenMadeByHand() throws Exception {
            house.run(PLAIN);
            house.write("api/target/everwire-api-1.jar", "by hand");
            house.write("cli/target/classpath.txt", Files.readString(house.path("cli/target/classpath.txt")));
            Run run = house.run(PLAIN);

            assertThat(house.mavenCalls()).hasSize(1);
            String copy = run.output()
                    .lines()
                    .filter(line -> line.contains("launcher"))
                    .findFirst()
                    .orElseThrow();
            assertThat(Path.of(copy.substring(0, copy.indexOf(':')))).hasContent("by hand");
        }

        @Test
        void buildsOnceWhenFirstRunsCoincide() throws Exception {
            assertThat(house.runAtOnce(3))
                    .allSatisfy(run -> assertThat(run.exitCode()).isZero());
            assertThat(house.mavenCalls()).hasSize(1);
        }

        @Test
        void buildsOnceWhenFirstRunsCoincideOnASystemWithoutFlock() throws Exception {
            house.remove("flock");

            assertThat(house.runAtOnce(2))
                    .allSatisfy(run -> assertThat(run.exitCode()).isZero());
            assertThat(house.mavenCalls()).hasSize(1);
        }

        @Test
        void asksTheNetworkOnlyWhenALibraryIsMissing() throws Exception {
            house.installMaven("if [ \"$1\" = -o ]; then echo 'Cannot access central in offline mode'; exit 1; fi");
            Run run = house.run(PLAIN);

            assertThat(run.exitCode()).isZero();
            assertThat(house.mavenCalls()).hasSize(2);
            assertThat(house.mavenCalls().get(1)).doesNotContain("-o ");
        }

        @Test
        void showsTheEndOfMavensOutputWhenTheBuildFails() throws Exception {
            house.installMaven("seq=0; while [ $seq -lt 99 ]; do seq=$((seq + 1)); echo \"line $seq\"; done; exit 1");
            Run run = house.run(PLAIN);

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.output()).isEmpty();
            assertThat(run.errors())
                    .contains("line 99\n", "everwire: the build failed")
                    .doesNotContain("line 79\n");
            assertThat(house.mavenCalls()).hasSize(1);
        }
    }

    @Nested
    class MissingThings {
        @Test
        void saysThatJavaIsMissing() throws Exception {
            house.remove("java");

            assertFailsWith(
                    "everwire: no java was found; install a JDK 17 or newer, or set JAVA_HOME to one.\n", PLAIN);
        }

        @Test
        void saysThatJavaHomeHoldsNoJava() throws Exception {
            assertFailsWith(
                    "everwire: JAVA_HOME is /nowhere, which holds no bin/java; set it to a JDK 17 or newer.\n",
                    Map.of("JAVA_HOME", "/nowhere"));
        }

        @Test
        void saysThatTheJdkIsTooOldByItsReleaseFileOrByAskingIt() throws Exception {
            for (String version : List.of("11.0.2", "1.8.0_292")) {
                house.installJava(version);
                assertThat(house.run(PLAIN).errors())
                        .endsWith(
                                " is Java " + version + "; Everwire needs a JDK 17 or newer (set JAVA_HOME to one).\n");
                house.removeReleaseFile();
                assertThat(house.run(PLAIN).errors())
                        .endsWith(
                                " is Java " + version + "; Everwire needs a JDK 17 or newer (set JAVA_HOME to one).\n");
            }
        }

        @Test
        void saysThatMavenIsMissingButOnlyWhenABuildIsNeeded() throws Exception {
            house.run(PLAIN);
            house.remove("mvn");

            assertThat(house.run(PLAIN).exitCode()).isZero();
            house.write("pom.xml", "<project>changed</project>");
            assertFailsWith("everwire: a build is needed, and no mvn was found; install Maven 3.8 or newer.\n", PLAIN);
        }

        @Test
        void saysThatTheCompilerIsMissingButOnlyWhenABuildIsNeeded() throws Exception {
            house.run(PLAIN);
            house.removeCompiler();

            assertThat(house.run(PLAIN).exitCode()).isZero();
            house.write("pom.xml", "<project>changed</project>");
            assertThat(house.run(PLAIN).errors())
                    .startsWith("everwire: a build is needed, and ")
                    .endsWith(" has no javac; install a JDK 17 or newer, not only its runtime.\n");
        }

        private void assertFailsWith(String sentence, Map<String, String> environment) throws Exception {
            Run run = house.run(environment);

            assertThat(run.errors()).isEqualTo(sentence);
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.output()).isEmpty();
        }
    }
}
