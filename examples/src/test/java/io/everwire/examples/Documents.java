package io.everwire.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The documents of the repository and the Java in them. */
final class Documents {
    private static final String JAVA = "```java";
    private static final String JAVA_21 = "```java 21";

    private Documents() {}

    /**
     * A fenced block of Java.
     *
     * @param document the document's path, relative to the root
     * @param line where the block begins, from 1
     * @param release the oldest Java that it is written for
     * @param lines the block without its fences
     */
    record Block(Path document, int line, int release, List<String> lines) {
        @Override
        public String toString() {
            return document + ":" + line;
        }
    }

    /** Returns the directory that holds {@code bin/everwire}, found upwards from the working directory. */
    static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("bin/everwire"))) {
            Path parent = directory.getParent();
            if (parent == null) {
                throw new IllegalStateException(
                        "no directory above " + Path.of("").toAbsolutePath() + " is the root");
            }
            directory = parent;
        }
        return directory;
    }

    /** Returns every block of Java in the README, the other documents at the root, and {@code docs}. */
    static List<Block> javaBlocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        try (Stream<Path> top = Files.list(root());
                Stream<Path> docs = Files.walk(root().resolve("docs"))) {
            for (Path file : Stream.concat(top, docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList()) {
                blocks.addAll(blocksOf(root().relativize(file), Files.readAllLines(file)));
            }
        }
        return blocks;
    }

    private static List<Block> blocksOf(Path document, List<String> lines) {
        List<Block> blocks = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < lines.size(); i++) {
            String fence = lines.get(i).strip();
            if (begin == 0 && (fence.equals(JAVA) || fence.equals(JAVA_21))) {
                begin = i + 1;
            } else if (begin > 0 && fence.equals("```")) {
                int release = lines.get(begin - 1).strip().equals(JAVA_21) ? 21 : 17;
                blocks.add(new Block(document, begin + 1, release, lines.subList(begin, i)));
                begin = 0;
            }
        }
        return blocks;
    }
}
