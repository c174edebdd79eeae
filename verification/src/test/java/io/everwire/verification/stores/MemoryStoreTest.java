package io.everwire.verification.stores;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.session.resume.MemoryStore;
import io.everwire.session.resume.SessionStore;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends StoreContract {
    @Override
    SessionStore open() {
        byte[] key = new byte[SessionStore.SERVER_KEY_BYTES];
        key[3] = 5;
        return new MemoryStore(key);
    }

    @Override
    SessionStore reopened(SessionStore store) {
        return store;
    }

    @Test
    void takesAKeyOf32BytesOnly() {
        assertThatThrownBy(() -> new MemoryStore(new byte[31]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a server key has 32 bytes, not 31");
    }
}
