package io.everwire.verification.stores;

import io.everwire.session.resume.SessionStore;

/** The contract at the level POWER. */
class PowerFileStoreTest extends FileStoreTest {
    @Override
    SessionStore.Durability durability() {
        return SessionStore.Durability.POWER;
    }
}
