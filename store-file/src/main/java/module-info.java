/** A store on disk: sessions that survive their process. */
module io.everwire.store.file {
    requires transitive io.everwire.session;
    requires transitive static org.jspecify;
    requires org.slf4j;

    exports io.everwire.store.file;
}
