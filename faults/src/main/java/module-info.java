/** What can go wrong on the way between two endpoints: as a pure model, and as a TCP proxy that does it. */
module io.everwire.faults {
    requires transitive static org.jspecify;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires transitive io.netty.transport;

    exports io.everwire.faults;
    exports io.everwire.faults.proxy;
}
