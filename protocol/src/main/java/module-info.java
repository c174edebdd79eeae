/** RFC 6455 and RFC 7692 as a state machine: bytes in, messages out. No I/O, no clock, no threads. */
module io.everwire.protocol {
    requires transitive io.everwire;
    requires transitive io.netty.buffer;
    requires transitive static org.jspecify;

    exports io.everwire.protocol;
}
