package io.everwire.verification.laboratory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A table of results in Markdown, written anew with every row: a run that ends early leaves what it has found. */
final class Results {
    private static final Results LABORATORY = new Results(
            "laboratory.md",
            "# The laboratory's table",
            "scenario",
            "client's verdict",
            "server's verdict",
            "bound",
            "back after the heal",
            "client / server: before→after",
            "CPU while waiting",
            "messages up / down",
            "remarks");

    private final Path file;
    private final List<String> lines = new ArrayList<>();

    Results(String file, String title, String... columns) {
        this.file = Path.of("target", file);
        lines.add(title);
        lines.add("");
        lines.add(row(columns));
        lines.add("|---".repeat(columns.length) + "|");
    }

    /** Returns the table of all scenarios of this run. */
    static Results laboratory() {
        return LABORATORY;
    }

    synchronized void add(String... cells) {
        lines.add(row(cells));
        write();
    }

    /** Adds text below the rows. */
    synchronized void say(String text) {
        lines.add("");
        lines.add(text);
        write();
    }

    private void write() {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String row(String... cells) {
        return "| " + String.join(" | ", cells) + " |";
    }
}
