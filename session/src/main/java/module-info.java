/** The engines of a session: is the peer alive, when to dial again, what to send again. No I/O, no clock, no threads. */
module io.everwire.session {
    requires transitive io.everwire;
    requires transitive static org.jspecify;

    exports io.everwire.session;
    exports io.everwire.session.resume;
}
