/** The server: paths with handlers, groups, and the registry of sessions. */
module io.everwire.server {
    requires transitive io.everwire;
    requires transitive io.everwire.transport;
    requires transitive static org.jspecify;
    requires org.slf4j;

    exports io.everwire.server;
}
