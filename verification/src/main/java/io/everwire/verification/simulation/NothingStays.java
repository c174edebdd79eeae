package io.everwire.verification.simulation;

/** I16: when all clients are gone and every time is up, nothing of their sessions is left. */
final class NothingStays {
    private final World world;

    NothingStays(World world) {
        this.world = world;
    }

    void over() {
        for (Node node : world.nodes) {
            for (ServerEnd left : node.inOrder) {
                throw world.violation("I16: node " + node.index + " still houses "
                        + left.engine().sid() + ", " + left.engine().state() + ", "
                        + (left.isAttached ? "attached" : "detached"));
            }
            if (node.budget.takenBytes() != 0) {
                throw world.violation(
                        "I16: node " + node.index + " holds " + node.budget.takenBytes() + " bytes for nobody");
            }
        }
    }

    @SuppressWarnings("DoNotCallSuggester") // It is called where there is something to be said.
    void leftOpen(ServerEnd server) {
        throw world.violation("I16: session " + server.engine().sid() + " is over and its connection was not closed");
    }
}
