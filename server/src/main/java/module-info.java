/** The server: paths with handlers, groups, and the registry of sessions. */
module io.everwire.server {
    requires transitive io.everwire;
    requires transitive io.everwire.transport;
    requires transitive static org.jspecify;
    requires io.netty.buffer;
    requires io.netty.common;
    requires io.netty.transport;
    requires org.slf4j;

    exports io.everwire.server;
}
