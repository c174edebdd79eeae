package io.everwire.verification.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How the library may draw and compare what must not be guessed. */
class SecretsTest {
    private static final Set<String> GUESSABLE = Set.of(
            "java.util.Random",
            "java.util.concurrent.ThreadLocalRandom",
            "java.util.SplittableRandom",
            "java.lang.Math",
            "io.netty.util.internal.ThreadLocalRandom",
            "io.netty.util.internal.MacAddressUtil");

    /** Who may draw numbers that can be guessed, because they only spread things over time. */
    private static final Set<String> JITTER = Set.of(
            "io.everwire.transport.Terms",
            "io.everwire.transport.ClientSession",
            "io.everwire.transport.ClientResumption",
            "io.everwire.transport.Entrance",
            "io.everwire.transport.Drain",
            "io.everwire.transport.StormGate");

    /** Who may compare bytes: messages are equal or not for the application, addresses in certificates are public. */
    private static final Set<String> OPEN = Set.of("io.everwire.Message", "io.everwire.transport.CertificateNames");

    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(
                    location -> !location.matches(Pattern.compile(".*/(faults|cli|examples|verification)/.*")))
            .importPackages("io.everwire");

    private static boolean isGuessable(JavaAccess<?> access) {
        String owner = access.getTargetOwner().getName();
        return GUESSABLE.contains(owner)
                && (!owner.equals("java.lang.Math") || access.getName().equals("random"));
    }

    private static boolean comparesBytes(JavaAccess<?> access) {
        return access.getTargetOwner().isEquivalentTo(Arrays.class)
                && Set.of("equals", "compare", "mismatch").contains(access.getName())
                && access.getTarget() instanceof AccessTarget.CodeUnitCallTarget called
                && called.getRawParameterTypes().stream().anyMatch(type -> type.isEquivalentTo(byte[].class));
    }

    private static Set<String> who(Iterable<JavaClass> classes, Predicate<JavaAccess<?>> does) {
        Set<String> names = new TreeSet<>();
        for (JavaClass type : classes) {
            if (type.getAccessesFromSelf().stream().anyMatch(does)) {
                names.add(type.getName());
            }
        }
        return names;
    }

    /** What the checks must find. */
    @SuppressWarnings("UnusedMethod") // Read as bytes, never called.
    private static final class Guilty {
        int guessable() {
            return new Random().nextInt() + ThreadLocalRandom.current().nextInt();
        }

        boolean comparesInVariableTime(byte[] one, byte[] other) {
            return Arrays.equals(one, other);
        }
    }

    @DisplayName("MSK-01: nothing that can be guessed makes a key")
    @Test
    void drawsNoKeyFromWhatCanBeGuessed() {
        assertThat(who(OURS, SecretsTest::isGuessable)).isSubsetOf(withNested(JITTER));
        assertThat(who(new ClassFileImporter().importClasses(Guilty.class), SecretsTest::isGuessable))
                .hasSize(1);
    }

    private static Set<String> withNested(Set<String> names) {
        Set<String> all = new TreeSet<>(names);
        for (JavaClass type : OURS) {
            if (names.contains(type.getName().replaceAll("\\$.*", ""))) {
                all.add(type.getName());
            }
        }
        return all;
    }

    @DisplayName("TLS-03: nothing secret is compared byte by byte until one differs")
    @Test
    void comparesBytesOnlyInConstantTime() {
        assertThat(who(OURS, SecretsTest::comparesBytes))
                .as("who compares arrays of bytes; MessageDigest.isEqual takes the same time for each")
                .isSubsetOf(OPEN);
        assertThat(who(new ClassFileImporter().importClasses(Guilty.class), SecretsTest::comparesBytes))
                .hasSize(1);
    }
}
