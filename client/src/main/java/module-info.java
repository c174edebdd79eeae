/** The client: one builder, one session that comes back by itself. */
module io.everwire.client {
    requires transitive io.everwire;
    requires transitive io.everwire.transport;
    requires transitive static org.jspecify;

    exports io.everwire.client;
}
