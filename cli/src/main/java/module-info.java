/** The command line: a server, a client, a fault proxy and the whole story, each one command. */
module io.everwire.cli {
    requires info.picocli;
    requires io.everwire.client;
    requires io.everwire.faults;
    requires io.everwire.server;
    requires io.everwire.store.file;
    requires static org.jspecify;

    exports io.everwire.cli;

    // picocli fills annotated fields by reflection.
    opens io.everwire.cli to
            info.picocli;
}
