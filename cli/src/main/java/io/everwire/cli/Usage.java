package io.everwire.cli;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Turns what the library refuses into wrong usage. */
final class Usage {
    private Usage() {}

    /**
     * Makes something from options.
     *
     * @throws ParameterException when it refuses them; its sentence is kept
     */
    static <T extends @Nullable Object> T check(CommandSpec spec, Supplier<T> making) {
        try {
            return making.get();
        } catch (IllegalArgumentException e) {
            throw wrong(spec, e.getMessage());
        }
    }

    static ParameterException wrong(CommandSpec spec, @Nullable String sentence) {
        return new ParameterException(spec.commandLine(), String.valueOf(sentence));
    }
}
