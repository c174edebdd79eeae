package io.everwire.verification.conversation;

import io.everwire.verification.Requirement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A proxy of others, in a process of its own, on a free port of 127.0.0.1. */
final class ProxyProcess implements AutoCloseable {
    static final String USER = "ada";
    static final String PASSWORD = "love:lace/1";

    private final Process process;
    private final int port;

    private ProxyProcess(Path directory, int port, List<String> command) throws IOException {
        this.port = port;
        Path log = directory.resolve("proxy.log");
        process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Patience.until("a proxy that listens: " + command, () -> {
            if (!process.isAlive()) {
                throw new AssertionError(command + " ended: " + Files.readString(log));
            }
            return accepts();
        });
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            // Not yet.
            return false;
        }
    }

    /** tinyproxy, with Basic authentication. */
    static ProxyProcess tinyproxy(Path directory) throws IOException {
        requireInstalled("/usr/bin/tinyproxy", "tinyproxy");
        int port = freePort();
        Path config = Certified.file(
                directory,
                "tinyproxy.conf",
                "Port " + port + "\nListen 127.0.0.1\nMaxClients 20\nLogLevel Info\nBasicAuth " + USER + " \""
                        + PASSWORD + "\"\n");
        return new ProxyProcess(directory, port, List.of("/usr/bin/tinyproxy", "-d", "-c", config.toString()));
    }

    /** squid, without authentication, which opens no tunnel to port 1. */
    static ProxyProcess squid(Path directory) throws IOException {
        requireInstalled("/usr/sbin/squid", "squid");
        int port = freePort();
        Path config = Certified.file(
                directory,
                "squid.conf",
                "http_port 127.0.0.1:" + port + "\nacl forbidden port 1\nhttp_access deny forbidden\n"
                        + "http_access allow all\ncache deny all\naccess_log none\ncache_log /dev/null\n"
                        + "pid_filename none\nshutdown_lifetime 0 seconds\nvisible_hostname localhost\n"
                        + "coredump_dir " + directory + "\nnetdb_filename none\n");
        return new ProxyProcess(directory, port, List.of("/usr/sbin/squid", "-N", "-f", config.toString()));
    }

    /** dante, without authentication. */
    static ProxyProcess dante(Path directory) throws IOException {
        requireInstalled("/usr/sbin/danted", "dante-server");
        int port = freePort();
        Path config = Certified.file(
                directory,
                "danted.conf",
                "logoutput: stderr\ninternal: 127.0.0.1 port = " + port + "\nexternal: lo\nclientmethod: none\n"
                        + "socksmethod: none\nuser.privileged: root\nuser.unprivileged: nobody\n"
                        + "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n"
                        + "socks block { from: 0.0.0.0/0 to: 0.0.0.0/0 port = 1 }\n"
                        + "socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n");
        return new ProxyProcess(directory, port, List.of("/usr/sbin/danted", "-f", config.toString()));
    }

    private static void requireInstalled(String program, String debianPackage) {
        Requirement.orSkip(Files.isExecutable(Path.of(program)), program, "apt-get install " + debianPackage);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        process.onExit()
                .orTimeout(Patience.SECONDS, TimeUnit.SECONDS)
                .exceptionally(late -> process.destroyForcibly())
                .join();
    }
}
