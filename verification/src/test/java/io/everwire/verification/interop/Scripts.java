package io.everwire.verification.interop;

import io.everwire.verification.Requirement;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Peers that are programs of this package's resources, run by an interpreter. */
final class Scripts {
    private static final String CLOSED = "closed ";

    private Scripts() {}

    /** A program as a server. */
    static final class Server extends PeerServer {
        private final Interpreter interpreter;
        private final String script;
        private @Nullable Program program;

        Server(String name, Wire wire, Interpreter interpreter, String script) {
            super(name, wire);
            this.interpreter = interpreter;
            this.script = script;
        }

        @Override
        void require() {
            Scripts.require(this, interpreter);
        }

        @Override
        String version() {
            return interpreter.versionOrNone();
        }

        @Override
        int start(int port) throws Exception {
            List<String> arguments = new ArrayList<>(List.of("serve", Integer.toString(port)));
            if (wire() == Wire.WSS) {
                arguments.addAll(List.of(Wire.chain().toString(), Wire.key().toString()));
            }
            Program started = run(this, interpreter, script, arguments.toArray(String[]::new));
            program = started;
            return Integer.parseInt(started.await("listening ").text().substring("listening ".length()));
        }

        @Override
        void kill() throws Exception {
            if (program != null) {
                program.kill();
            }
        }
    }

    /** A program as a client, started anew for each connection. */
    static final class Client extends PeerClient {
        private final Interpreter interpreter;
        private final String script;
        private final List<Program> programs = new ArrayList<>();

        Client(String name, Wire wire, Interpreter interpreter, String script) {
            super(name, wire);
            this.interpreter = interpreter;
            this.script = script;
        }

        @Override
        void require() {
            Scripts.require(this, interpreter);
        }

        @Override
        String version() {
            return interpreter.versionOrNone();
        }

        @Override
        void dial(String url) throws Exception {
            List<String> arguments = new ArrayList<>(List.of("dial", url));
            if (wire() == Wire.WSS) {
                arguments.add(Wire.authority().toString());
            }
            programs.add(run(this, interpreter, script, arguments.toArray(String[]::new)));
        }

        @Override
        void kill() throws Exception {
            for (Program program : programs) {
                program.kill();
            }
        }
    }

    private static void require(Peer peer, Interpreter interpreter) {
        Requirement.orSkip(interpreter.isThere(), peer.toString(), interpreter.howToInstall());
    }

    private static Program run(Peer peer, Interpreter interpreter, String script, String... arguments)
            throws Exception {
        return start(peer.toString(), interpreter, script, line -> noteEnd(peer, line), arguments);
    }

    static Program start(
            String name, Interpreter interpreter, String script, Consumer<String> lines, String... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(interpreter.command());
        command.add(path(script).toString());
        command.addAll(List.of(arguments));
        return Program.start(name, new ProcessBuilder(command), lines);
    }

    private static void noteEnd(Peer peer, String line) {
        if (line.startsWith(CLOSED)) {
            String[] words = line.substring(CLOSED.length()).split(" ", 2);
            peer.sawEnd(Integer.parseInt(words[0]), words.length > 1 ? words[1] : "");
        }
    }

    private static Path path(String resource) throws URISyntaxException {
        URL url = Objects.requireNonNull(Scripts.class.getResource(resource), resource);
        return Path.of(url.toURI());
    }
}
