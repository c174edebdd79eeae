package io.everwire.verification.interop;

import io.everwire.verification.conversation.Patience;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What runs other people's programs. A module is there when importing it works, and its version is what it says.
 *
 * @param command the interpreter and the arguments that come before a program
 * @param version the module's version, null when no interpreter has it
 * @param howToInstall the command that installs interpreter and module
 */
record Interpreter(List<String> command, @Nullable String version, String howToInstall) {
    /** Where Debian keeps the modules of Node. */
    static final String NODE_MODULES = "/usr/share/nodejs";

    /** The distribution's own first: another one on the path lacks the distribution's modules. */
    private static final List<String> PYTHONS = List.of("/usr/bin/python3", "python3");

    private static final List<String> NODES = List.of("/usr/bin/node", "node");
    private static final List<String> CHROMIUMS = List.of("/usr/bin/chromium", "chromium", "chromium-browser");

    static final Interpreter AUTOBAHN =
            find(PYTHONS, "apt-get install python3-autobahn", "-c", "import autobahn; print(autobahn.__version__)");
    static final Interpreter WEBSOCKETS = find(
            PYTHONS,
            "apt-get install python3-websockets",
            "-c",
            "import websockets.version; print(websockets.version.version)");
    static final Interpreter NODE_WS =
            find(NODES, "apt-get install nodejs node-ws", "-p", "require('ws/package.json').version");
    static final Interpreter CHROMIUM = find(CHROMIUMS, "apt-get install chromium", "--version");

    private static Interpreter find(List<String> programs, String howToInstall, String... question) {
        for (String program : programs) {
            String answer = answer(program, question);
            if (answer != null) {
                return new Interpreter(List.of(program), answer, howToInstall);
            }
        }
        return new Interpreter(List.of(), null, howToInstall);
    }

    /** Returns what the program prints when it ends well, otherwise null. */
    private static @Nullable String answer(String program, String... question) {
        ProcessBuilder builder = new ProcessBuilder(program);
        builder.command().addAll(List.of(question));
        builder.environment().merge("NODE_PATH", NODE_MODULES, (old, ours) -> ours + ":" + old);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            boolean isOver = process.waitFor(Patience.SECONDS, TimeUnit.SECONDS);
            return isOver && process.exitValue() == 0 && !answer.isEmpty() ? answer : null;
        } catch (IOException e) {
            return null; // It is not installed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("the test was interrupted", e);
        }
    }

    boolean isThere() {
        return version != null;
    }

    String versionOrNone() {
        return version == null ? "none" : version;
    }
}
