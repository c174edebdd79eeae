package io.everwire.verification.stores;

import io.everwire.session.resume.SessionStore;
import io.everwire.store.file.FileStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract at the level PROCESS; how the file store deals with its files is tested in its module. */
class FileStoreTest extends StoreContract {
    @TempDir
    Path directory;

    @Override
    SessionStore open() {
        return FileStore.open(directory, durability());
    }

    SessionStore.Durability durability() {
        return SessionStore.Durability.PROCESS;
    }

    @Override
    SessionStore reopened(SessionStore store) {
        store.close();
        return open();
    }
}
