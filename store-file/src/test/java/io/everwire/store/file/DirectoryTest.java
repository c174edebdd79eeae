package io.everwire.store.file;

import static io.everwire.store.file.Calls.SID;
import static io.everwire.store.file.Calls.begin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.StartException;
import io.everwire.session.resume.SessionStore.Durability;
import io.everwire.session.resume.SessionStore.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose a directory is, and what lies in it. */
class DirectoryTest {
    @TempDir
    Path root;

    @Test
    void isReadByItsOwnerOnly() throws IOException {
        Path directory = root.resolve("a/b");
        FileStore.open(directory).close();

        assertThat(permissionsOf(directory)).isEqualTo("rwx------");
        for (String name : new String[] {"key", "journal", "lock"}) {
            assertThat(permissionsOf(directory.resolve(name))).as(name).isEqualTo("rw-------");
        }
        try (var files = Files.list(directory)) {
            assertThat(files)
                    .extracting(file -> file.getFileName().toString())
                    .containsExactlyInAnyOrder("key", "journal", "lock");
        }
    }

    private static String permissionsOf(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void holdsAnotherKeyThanAnotherDirectory() {
        try (FileStore one = FileStore.open(root.resolve("one"));
                FileStore two = FileStore.open(root.resolve("two"))) {
            assertThat(one.serverKey()).isNotEqualTo(two.serverKey());
        }
    }

    @Test
    void isOfOneStoreInThisProcess() {
        try (FileStore store = FileStore.open(root)) {
            assertThatThrownBy(() -> FileStore.open(root))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("open in this process");
            assertThat(begin(store, SID)).isEqualTo(Outcome.DONE);
        }
        FileStore.open(root).close();
    }

    @Test
    void isOfOneProcess() throws Exception {
        try (FileStore store = FileStore.open(root)) {
            // To look a second time must not give away what is held.
            assertThatThrownBy(() -> FileStore.open(root)).isInstanceOf(StartException.class);

            try (Child child = Child.start("open", root.toString())) {
                assertThat(child.rest())
                        .containsExactly(root.toRealPath() + " is in use by process "
                                + ProcessHandle.current().pid()
                                + "; stop it, or give this server a directory of its own");
            }
            assertThat(begin(store, SID)).isEqualTo(Outcome.DONE);
        }
        try (Child child = Child.start("open", root.toString())) {
            assertThat(child.rest()).containsExactly("opened");
        }
    }

    @Test
    void isRefusedWithoutTheKeyOfItsSessions() throws IOException {
        FileStore.open(root).close();
        Files.delete(root.resolve("key"));

        assertThatThrownBy(() -> FileStore.open(root))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(root.toRealPath().resolve("key") + " is missing");
        assertThat(root.resolve("key")).doesNotExist();
    }

    @Test
    void isRefusedWithAKeyOfAnotherSize() throws IOException {
        FileStore.open(root).close();
        Files.write(root.resolve("key"), new byte[31]);

        assertThatThrownBy(() -> FileStore.open(root))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("has 31 bytes and a server key has 32");
        assertThat(root.resolve("key")).hasSize(31);
    }

    @Test
    void isRefusedWhenItCannotBeRead() throws IOException {
        FileStore.open(root).close();
        Files.delete(root.resolve("key"));
        Files.createDirectory(root.resolve("key"));

        assertThatThrownBy(() -> FileStore.open(root))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("cannot open the store in " + root)
                .hasMessageContaining("Is a directory");

        Path file = Files.createFile(root.resolve("file"));
        assertThatThrownBy(() -> FileStore.open(file))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void saysInASentenceWhatCannotBeUsed() throws IOException {
        Path file = Files.createFile(root.resolve("file"));
        assertThatThrownBy(() -> FileStore.open(file))
                .hasMessage("cannot open the store in " + file + ": " + file + " is a file and no directory");
        Path nowhere = Path.of("/proc/everwire/store");
        assertThatThrownBy(() -> FileStore.open(nowhere))
                .hasMessageContaining("is not there, and nothing can be made in its place")
                .hasMessageNotContaining("Exception");
    }

    @Test
    void isNotForWhatLivesInMemory() {
        assertThatThrownBy(() -> FileStore.open(root, Durability.MEMORY)).isInstanceOf(IllegalArgumentException.class);
    }
}
