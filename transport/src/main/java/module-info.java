/** The drivers: event loops, dialing, the HTTP upgrade, one handler per connection, timers. The only sockets and threads. */
module io.everwire.transport {
    requires transitive io.everwire;
    requires transitive io.everwire.protocol;
    requires transitive io.everwire.session;
    requires transitive io.netty.transport;
    requires transitive static org.jspecify;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.codec.socks;
    requires transitive io.netty.common;
    requires io.netty.handler;
    requires io.netty.handler.proxy;
    requires io.netty.resolver;
    requires io.netty.resolver.dns;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires org.slf4j;

    exports io.everwire.transport;
}
