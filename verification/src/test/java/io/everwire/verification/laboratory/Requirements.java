package io.everwire.verification.laboratory;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a laboratory needs of the machine. Where it is missing the tests are skipped, unless the run says that it must be there. */
final class Requirements {
    private static final @Nullable String MISSING = missing();

    private Requirements() {}

    /** Skips the test when something is missing; with {@code -Deverwire.peers.required=true}, fails it. */
    static void check() {
        demand(MISSING);
    }

    /** Skips, or fails, the test when a Python module of Debian's is missing. */
    static void checkPython(String module, String debianPackage) {
        check();
        boolean isThere = Tool.attempt(List.of(Python.INTERPRETER, "-c", "import " + module))
                .isFine();
        demand(
                isThere
                        ? null
                        : Python.INTERPRETER + " cannot import " + module + "; install it: apt-get install "
                                + debianPackage);
    }

    private static void demand(@Nullable String missing) {
        if (missing == null) {
            return;
        }
        if (Boolean.getBoolean("everwire.peers.required")) {
            throw new AssertionError(missing);
        }
        System.out.println("skipped: " + missing);
        assumeTrue(false, missing);
    }

    private static @Nullable String missing() {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return "the laboratory needs Linux; run it in a virtual machine";
        }
        for (String tool : List.of("ip", "tc", "ss")) {
            if (Tool.attempt(List.of(tool, "-V")).exit() == -1) {
                return "the laboratory needs " + tool + "; install it: apt-get install iproute2";
            }
        }
        if (Tool.attempt(List.of("iptables", "-V")).exit() == -1) {
            return "the laboratory needs iptables; install it: apt-get install iptables";
        }
        if (Tool.attempt(List.of("sysctl", "-V")).exit() == -1) {
            return "the laboratory needs sysctl; install it: apt-get install procps";
        }
        Laboratory.removeLeftovers();
        String trial = "everwire-" + ProcessHandle.current().pid() + "-0-rtr";
        Tool.Result added = Tool.attempt(List.of("ip", "netns", "add", trial));
        if (!added.isFine()) {
            return "the laboratory needs network namespaces, and the kernel refused one (" + added.text()
                    + "); run the tests as root";
        }
        Tool.Result ruled = Tool.attempt(
                List.of("ip", "netns", "exec", trial, "iptables", "-w", "-A", "FORWARD", "-p", "tcp", "-j", "DROP"));
        Tool.attempt(List.of("ip", "netns", "delete", trial));
        return ruled.isFine()
                ? null
                : "the laboratory needs rules of iptables, and the kernel refused one (" + ruled.text()
                        + "); run the tests on a kernel with netfilter";
    }
}
