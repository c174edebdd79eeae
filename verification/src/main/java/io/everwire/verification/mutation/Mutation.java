package io.everwire.verification.mutation;

import java.util.List;

/**
 * One way to break the engines.
 *
 * @param name the word for it on the command line
 * @param origin where the mistake was made before
 * @param edits what is changed
 */
public record Mutation(String name, String origin, List<Edit> edits) {
    /**
     * A change of one place in a source file.
     *
     * @param file below the repository's root
     * @param sound what stands there, exactly once
     * @param broken what stands there in the mutant
     */
    public record Edit(String file, String sound, String broken) {}

    /** Makes a mutation of one place. */
    static Mutation of(String name, String origin, String file, String sound, String broken) {
        return new Mutation(name, origin, List.of(new Edit(file, sound, broken)));
    }

    /** Makes a mutation of two places. */
    static Mutation of(
            String name,
            String origin,
            String file,
            String sound,
            String broken,
            String secondFile,
            String secondSound,
            String secondBroken) {
        return new Mutation(
                name, origin, List.of(new Edit(file, sound, broken), new Edit(secondFile, secondSound, secondBroken)));
    }
}
