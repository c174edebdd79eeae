package io.everwire.verification.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.opentest4j.TestAbortedException;

/** What was tried with whom, and how it ended. */
final class Table {
    private final List<Row> rows = new ArrayList<>();

    /** One peer in one direction. */
    static final class Row {
        private final String peer;
        private final String version;
        private final String direction;
        private final List<String> checks = new ArrayList<>();
        private String result = "not finished";

        private Row(String peer, String version, String direction) {
            this.peer = peer;
            this.version = version;
            this.direction = direction;
        }

        /** Notes what has just been seen to hold. */
        synchronized void holds(String check) {
            checks.add(check);
        }

        private synchronized void ends(String how) {
            result = how;
        }

        private synchronized String line() {
            return "| " + String.join(" | ", peer, version, direction, String.join(", ", checks), result) + " |";
        }
    }

    /** A conversation that notes what holds. */
    interface Script {
        void play(Row row) throws Exception;
    }

    /** Plays a script as a row of the table, and ends the peer. */
    void play(Peer peer, String direction, Script script) throws Exception {
        try {
            play(peer.toString(), peer.version(), direction, row -> {
                peer.require();
                script.play(row);
            });
        } finally {
            peer.kill();
        }
    }

    /** Plays a script as a row of the table. */
    void play(String peer, String version, String direction, Script script) throws Exception {
        Row row = new Row(peer, version, direction);
        synchronized (rows) {
            rows.add(row);
        }
        try {
            script.play(row);
            row.ends("holds");
        } catch (TestAbortedException e) {
            row.ends("skipped: " + e.getMessage());
            throw e;
        } catch (Throwable e) {
            row.ends("**fails** after what is listed");
            throw e;
        }
    }

    /** Returns the table in Markdown. */
    String text() {
        synchronized (rows) {
            return rows.stream()
                    .map(Row::line)
                    .collect(Collectors.joining(
                            "\n", "| peer | version | direction | checked | result |\n|---|---|---|---|---|\n", "\n"));
        }
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, text());
    }
}
