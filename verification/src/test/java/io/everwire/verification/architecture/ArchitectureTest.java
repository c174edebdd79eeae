package io.everwire.verification.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.everwire.verification.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Evaluates {@link Rules} on all main code. That each rule can fail is shown by {@link RulesTest}. */
class ArchitectureTest {
    private static final Set<String> UNPUBLISHED = Set.of("examples", "verification", "benchmarks");
    private static final JavaClasses MAIN_CODE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            // The simulator is a program that tests; it is published as little as a test is.
            .withImportOption(location -> !location.contains("/verification/"))
            .importPackages("io.everwire");

    @Test
    void seesTheMainCode() {
        assertThat(MAIN_CODE).extracting(JavaClass::getName).contains("io.everwire.Session");
        assertThat(MAIN_CODE)
                .extracting(JavaClass::getPackageName)
                .noneMatch(name -> name.startsWith("io.everwire.verification"));
    }

    @Nested
    class Engines {
        @Test
        void areReachedByNoNetworkThreadClockChanceOrLog() {
            Rules.ENGINES_ARE_PURE.check(MAIN_CODE);
        }

        @Test
        void knowNoNettyButForTheBuffersOfProtocol() {
            Rules.PROTOCOL_KNOWS_NETTYS_BUFFERS_ONLY.check(MAIN_CODE);
            Rules.OTHER_ENGINES_DO_NOT_KNOW_NETTY.check(MAIN_CODE);
        }

        @Test
        void ofConnectionAndSessionDoNotKnowEachOther() {
            Rules.PROTOCOL_DOES_NOT_KNOW_SESSION.check(MAIN_CODE);
            Rules.SESSION_DOES_NOT_KNOW_PROTOCOL.check(MAIN_CODE);
        }
    }

    @Nested
    class Dependencies {
        @Test
        void ofClientAndServerLeadDownOnly() {
            Rules.CLIENT_DOES_NOT_KNOW_SERVER.check(MAIN_CODE);
            Rules.SERVER_DOES_NOT_KNOW_CLIENT.check(MAIN_CODE);
            Rules.CLIENT_AND_SERVER_HOLD_NO_RULE_OF_THE_WIRE.check(MAIN_CODE);
        }

        @Test
        void pointFromInputAndOutputToRules() {
            Rules.API_KNOWS_NOTHING_OF_OURS.check(MAIN_CODE);
            Rules.ENGINES_KNOW_NOTHING_ABOVE_THEM.check(MAIN_CODE);
            Rules.TRANSPORT_KNOWS_NOTHING_ABOVE_IT.check(MAIN_CODE);
            Rules.FAULTS_KNOW_NOTHING_OF_OURS.check(MAIN_CODE);
            Rules.A_STORE_KNOWS_SESSIONS_ONLY.check(MAIN_CODE);
        }

        @Test
        void haveNoCycles() {
            Rules.NO_CYCLES.check(MAIN_CODE);
        }
    }

    @Nested
    class TheOutsideWorld {
        @Test
        void isTouchedByTransportOnly() {
            Rules.ONLY_TRANSPORT_TOUCHES_NETWORK_AND_THREADS.check(MAIN_CODE);
        }

        @Test
        void hasFilesForStoresOnly() {
            Rules.ONLY_A_STORE_TOUCHES_FILES.check(MAIN_CODE);
            Rules.A_STORE_ON_DISK_TOUCHES_NO_NETWORK.check(MAIN_CODE);
        }

        @Test
        void hasOneClockWithOneReader() {
            Set<String> readers = Rules.clockReadersAmong(MAIN_CODE);

            assertThat(readers).allMatch(name -> name.startsWith("io.everwire.transport."));
            assertThat(readers).hasSize(transportIsEmpty() ? 0 : 1);
        }

        private boolean transportIsEmpty() {
            return MAIN_CODE.stream()
                    .filter(type -> type.getPackageName().startsWith("io.everwire.transport"))
                    .allMatch(type -> type.getSimpleName().equals("package-info"));
        }
    }

    @Nested
    class Declarations {
        @Test
        void standInNullMarkedPackages() {
            Rules.EVERY_PACKAGE_IS_NULL_MARKED.check(MAIN_CODE);
        }

        @Test
        void arePublicOnlyInExportedPackages() {
            for (String module : publishedModules()) {
                Path classes = Repository.root().resolve(module).resolve("target/classes");
                JavaClasses types = new ClassFileImporter().importPath(classes);
                Path descriptor = classes.resolve("module-info.class");
                if (types.stream().allMatch(type -> type.getSimpleName().endsWith("-info"))) {
                    continue;
                }
                assertThat(descriptor)
                        .as("each published module has a module-info")
                        .exists();
                Rules.publicTypesAreExportedBy(read(descriptor)).check(types);
            }
        }

        @Test
        void throwNothingBare() {
            Rules.NOTHING_BARE_IS_THROWN.check(MAIN_CODE);
        }

        @Test
        void printInTheCommandLineOnly() {
            Rules.ONLY_THE_COMMAND_LINE_PRINTS.check(MAIN_CODE);
        }

        /** All modules with main code, but for the examples, which are shown, and those that test and measure. */
        private static List<String> publishedModules() {
            return Repository.files().stream()
                    .filter(file -> file.toString().contains("/src/main/java/"))
                    .map(file -> file.getName(0).toString())
                    .filter(module -> !UNPUBLISHED.contains(module))
                    .distinct()
                    .toList();
        }

        private static ModuleDescriptor read(Path file) {
            try (InputStream stream = Files.newInputStream(file)) {
                return ModuleDescriptor.read(stream);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
