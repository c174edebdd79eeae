/** The words an application uses: sessions, messages, deliveries, policies and the exceptions. */
module io.everwire {
    requires transitive static org.jspecify;

    exports io.everwire;
}
