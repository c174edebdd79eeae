package io.everwire.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tries every sequence of inputs up to a length. Worlds that are equal, checker included, have equal futures and are gone on with
 * once; each is reached by replaying its inputs from the beginning.
 */
final class Explorer {
    /** An engine, its checker, and the inputs it can be given. */
    interface World {
        /** Returns the names of the inputs; always the same. */
        List<String> inputs();

        /**
         * Gives an input and checks what comes of it.
         *
         * @throws AssertionError when a rule is broken
         */
        void give(int input);

        Fingerprint fingerprint();
    }

    /** What was covered: worlds told apart, steps tried, and the sequences of inputs that these stand for. */
    record Coverage(int depth, long states, long steps, double paths) {
        @Override
        public String toString() {
            return String.format(
                    "depth %d: %,d states, %,d steps, standing for %,.0f paths", depth, states, steps, paths);
        }
    }

    private Explorer() {}

    private static final class Node {
        final byte[] path;

        Node(byte[] path) {
            this.path = path;
        }
    }

    static Coverage explore(Supplier<? extends World> start, int depth) {
        Map<Fingerprint, @Nullable Node> known = new HashMap<>();
        World first = start.get();
        int inputs = first.inputs().size();
        known.put(first.fingerprint(), null);
        List<Node> frontier = List.of(new Node(new byte[0]));
        long steps = 0;
        for (int length = 1; length <= depth; length++) {
            List<Node> next = new ArrayList<>();
            for (Node node : frontier) {
                for (int input = 0; input < inputs; input++) {
                    byte[] path = Arrays.copyOf(node.path, length);
                    path[length - 1] = (byte) input;
                    World world = replay(start.get(), path);
                    steps++;
                    if (length < depth) {
                        Fingerprint key = world.fingerprint();
                        if (!known.containsKey(key)) {
                            Node reached = new Node(path);
                            known.put(key, reached);
                            next.add(reached);
                        }
                    }
                }
            }
            frontier = next;
        }
        return new Coverage(depth, known.size(), steps, Math.pow(inputs, depth));
    }

    private static World replay(World world, byte[] path) {
        int step = 0;
        try {
            for (; step < path.length; step++) {
                world.give(path[step]);
            }
            return world;
        } catch (AssertionError | RuntimeException broken) {
            StringBuilder names = new StringBuilder();
            for (int i = 0; i <= step; i++) {
                names.append(i == 0 ? "" : ", ").append(world.inputs().get(path[i]));
            }
            throw new AssertionError("after [" + names + "]: " + broken.getMessage(), broken);
        }
    }
}
