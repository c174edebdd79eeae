package io.everwire.cli;

import java.util.Locale;
import picocli.CommandLine.Option;

/** What every long-running command has in common. */
final class EventsOption {
    @Option(
            names = "--events",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Lines for a person, or one JSON object a line for scripts (default: ${DEFAULT-VALUE}).")
    Format format = Format.TEXT;

    enum Format {
        TEXT,
        JSON;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    boolean isJson() {
        return format == Format.JSON;
    }
}
