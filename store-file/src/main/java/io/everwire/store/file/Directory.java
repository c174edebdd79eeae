package io.everwire.store.file;

import io.everwire.StartException;
import io.everwire.session.resume.SessionStore;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A store's directory: whose it is, and the files in it that are written whole. */
final class Directory implements Closeable {
    /** To look at the lock file a second time in this process would release the lock (POSIX: it belongs to process and file). */
    private static final Set<Path> OPEN_HERE = ConcurrentHashMap.newKeySet();

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Path path;
    private final FileChannel lockFile;

    private Directory(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /**
     * Makes the directory if it is not there, and takes it for this process.
     *
     * @throws StartException when another store has it
     */
    static Directory take(Path requested) throws IOException {
        if (!Files.isDirectory(requested)) {
            Files.createDirectories(requested, privately(requested.toAbsolutePath(), "rwx------"));
        }
        Path path = requested.toRealPath();
        if (!OPEN_HERE.add(path)) {
            throw new StartException(path + " is the directory of a store that is open in this process; close that one,"
                    + " or share it");
        }
        try {
            Path file = path.resolve("lock");
            FileChannel channel = FileChannel.open(
                    file,
                    Set.<OpenOption>of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    privately(path, "rw-------"));
            try {
                FileLock lock = channel.tryLock();
                if (lock == null) {
                    throw new StartException(path + " is in use by " + holderNamedIn(file)
                            + "; stop it, or give this server a directory of its own");
                }
                channel.truncate(0);
                channel.write(
                        StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"));
                return new Directory(path, channel);
            } catch (IOException | StartException e) {
                channel.close();
                throw e;
            }
        } catch (IOException | StartException e) {
            OPEN_HERE.remove(path);
            throw e;
        }
    }

    Path file(String name) {
        return path.resolve(name);
    }

    /**
     * Reads the server key, or makes it.
     *
     * @param isExpected whether there are sessions whose secrets were made with it
     */
    byte[] serverKey(boolean isExpected) throws IOException {
        Path file = file("key");
        if (!Files.exists(file)) {
            if (isExpected) {
                throw new StartException(file + " is missing, so no client of the sessions in " + path
                        + " could be believed; put it back, or move the directory away and begin anew");
            }
            byte[] key = new byte[SessionStore.SERVER_KEY_BYTES];
            new SecureRandom().nextBytes(key);
            Path fresh = file("key.new");
            try (FileChannel channel = createPrivate(fresh)) {
                channel.write(ByteBuffer.wrap(key));
                channel.force(true);
            }
            replace(fresh, file);
        }
        byte[] key = Files.readAllBytes(file);
        if (key.length != SessionStore.SERVER_KEY_BYTES) {
            throw new StartException(
                    file + " has " + key.length + " bytes and a server key has " + SessionStore.SERVER_KEY_BYTES
                            + "; put the right file back, or move the directory away and begin anew");
        }
        return key;
    }

    /** Puts a complete file in the place of another, so that after a power cut one or the other is there. */
    static void replace(Path fresh, Path file) throws IOException {
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null && isPosix(parent)) {
            try (FileChannel channel = FileChannel.open(parent, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** Makes an empty file that only its owner may read, in place of one that is there. */
    static FileChannel createPrivate(Path file) throws IOException {
        Files.deleteIfExists(file);
        return FileChannel.open(
                file,
                Set.<OpenOption>of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                privately(file, "rw-------"));
    }

    /** Returns what is different each time the machine starts, null where that cannot be told. */
    static @Nullable String bootId() throws IOException {
        return Files.isReadable(BOOT_ID) ? Files.readString(BOOT_ID).trim() : null;
    }

    @Override
    public void close() throws IOException {
        // The file stays: who deletes it lets two processes hold two locks of one name.
        try {
            lockFile.close();
        } finally {
            OPEN_HERE.remove(path);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }

    private static String holderNamedIn(Path file) {
        try {
            String pid = Files.readString(file).trim();
            return pid.isEmpty() ? "another process" : "process " + pid;
        } catch (IOException e) {
            return "another process";
        }
    }

    private static FileAttribute<?>[] privately(Path path, String permissions) {
        if (!isPosix(path)) {
            return new FileAttribute<?>[0];
        }
        Set<PosixFilePermission> set = PosixFilePermissions.fromString(permissions);
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(set)};
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
