package io.everwire.transport;

import io.everwire.StartException;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's certificate, its key, and what it asks of its clients. TLS 1.3 and 1.2, by the JDK; clients may resume TLS sessions.
 *
 * <p>While a server listens with it, its files are looked at every two seconds. When one has changed and all of them can be read and
 * fit together, the next connection is met with the new ones, and connections that exist are not touched; TLS sessions of before are
 * not resumed. When they do not, the log says why, once, and the old ones go on. So files may be replaced one after the other.
 *
 * <p><b>Thread safety.</b> Any thread. The files are read by the constructing methods, by {@link #reload}, and by one daemon thread
 * while a server listens.
 */
public final class ServerTls {
    private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
    private static final int LOOK_SECONDS = 2;
    private static final int GOODBYE_MILLIS = 1_000;

    private final Path chain;
    private final @Nullable Path key;
    private final char @Nullable [] password;
    private final @Nullable Path clientAuthorities;
    private final boolean isClientCertificateRequired;
    private volatile Loaded loaded;
    private List<byte[]> rejected = List.of();
    /** Guards the two below, and not what reads files: event loops come by here. */
    private final Object watching = new Object();

    private @Nullable ScheduledExecutorService watch;
    private int watchers;

    /** What was read, and what was made of it. */
    private record Loaded(List<byte[]> contents, SslContext context) {}

    /** A private key with its certificates, the owner's first. */
    private record Identity(PrivateKey key, List<X509Certificate> chain) {}

    private ServerTls(
            Path chain,
            @Nullable Path key,
            char @Nullable [] password,
            @Nullable Path clientAuthorities,
            boolean isClientCertificateRequired) {
        this.chain = chain;
        this.key = key;
        this.password = password;
        this.clientAuthorities = clientAuthorities;
        this.isClientCertificateRequired = isClientCertificateRequired;
        List<byte[]> contents = read();
        loaded = new Loaded(contents, make(contents));
    }

    /**
     * Reads a certificate and its key.
     *
     * @param certificateChainPem the server's certificate, then those that lead to its authority, in PEM
     * @param keyPem the private key in PKCS#8 PEM, not encrypted: EC, RSA or Ed25519
     * @throws StartException when they cannot be read or do not belong together; the message says what is wrong
     */
    public static ServerTls of(Path certificateChainPem, Path keyPem) {
        return new ServerTls(certificateChainPem, keyPem, null, null, false);
    }

    /**
     * Reads a certificate and its key, which may be encrypted.
     *
     * @param password opens the key; copied
     * @throws StartException as {@link #of(Path, Path)}, and when the password is wrong
     */
    public static ServerTls of(Path certificateChainPem, Path keyPem, char[] password) {
        return new ServerTls(certificateChainPem, keyPem, password.clone(), null, false);
    }

    /**
     * Reads a key store, PKCS#12 or JKS, and takes its first key.
     *
     * @param password opens the store and the key; copied
     * @throws StartException when the store cannot be read, or holds no key; the message says what is wrong
     */
    public static ServerTls ofKeyStore(Path file, char[] password) {
        return new ServerTls(file, null, password.clone(), null, false);
    }

    /**
     * Returns a copy that asks clients for a certificate (mutual TLS). The subject of one that was verified is the handshake's
     * principal.
     *
     * @param authoritiesPem whose certificates are believed, in PEM; reloaded like the others
     * @param isRequired whether a client without a certificate is refused, which TLS does; one whose certificate cannot be verified
     *     always is
     * @throws StartException when the authorities cannot be read
     */
    public ServerTls withClientCertificates(Path authoritiesPem, boolean isRequired) {
        return new ServerTls(chain, key, password, authoritiesPem, isRequired);
    }

    /**
     * Looks at the files now, blocking. What is wrong with them goes to the log.
     *
     * @return whether new ones are in use
     */
    public synchronized boolean reload() {
        List<byte[]> contents = List.of();
        try {
            contents = read();
            if (isSame(contents, loaded.contents())) {
                rejected = List.of();
                return false;
            }
            loaded = new Loaded(contents, make(contents));
            rejected = List.of();
            LOG.info("the certificate in {} was reloaded", chain);
            return true;
        } catch (StartException e) {
            // A file that is missing has no content to remember; it is reported again when something else changes.
            if (rejected.isEmpty() || !isSame(contents, rejected)) {
                LOG.warn("the certificate was not reloaded, the one before goes on: {}", e.getMessage());
            }
            rejected = contents.isEmpty() ? List.of(new byte[0]) : contents;
            return false;
        }
    }

    private List<byte[]> read() {
        List<byte[]> contents = new ArrayList<>();
        contents.add(TlsFiles.read(chain));
        if (key != null) {
            contents.add(TlsFiles.read(key));
        }
        if (clientAuthorities != null) {
            contents.add(TlsFiles.read(clientAuthorities));
        }
        return List.copyOf(contents);
    }

    private static boolean isSame(List<byte[]> some, List<byte[]> others) {
        if (some.isEmpty()) {
            return others.size() == 1 && others.get(0).length == 0;
        }
        return Arrays.deepEquals(some.toArray(), others.toArray());
    }

    private SslContext make(List<byte[]> contents) {
        Identity identity = identity(contents);
        X509Certificate own = identity.chain().get(0);
        Instant now = Instant.ofEpochMilli(RealClock.epochMillis());
        if (own.getNotAfter().toInstant().isBefore(now)
                || own.getNotBefore().toInstant().isAfter(now)) {
            LOG.warn(
                    "the certificate in {} is valid from {} to {}, which is not now; clients will refuse it",
                    chain,
                    own.getNotBefore().toInstant(),
                    own.getNotAfter().toInstant());
        }
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(identity.key(), identity.chain())
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2");
            if (clientAuthorities != null) {
                builder.trustManager(Pem.certificates(contents.get(contents.size() - 1), clientAuthorities.toString()))
                        .clientAuth(isClientCertificateRequired ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new StartException(
                    "TLS cannot be served with " + chain + " (" + Texts.printable(String.valueOf(e.getMessage()))
                            + "); check the certificate and its key",
                    e);
        }
    }

    private Identity identity(List<byte[]> contents) {
        if (key == null) {
            return fromStore(contents.get(0));
        }
        List<X509Certificate> certificates = Pem.certificates(contents.get(0), chain.toString());
        PrivateKey read = Pem.key(contents.get(1), password, key.toString());
        Pem.requirePair(read, certificates.get(0), key.toString(), chain.toString());
        return new Identity(read, certificates);
    }

    private Identity fromStore(byte[] content) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(content), password);
            for (String alias : (Iterable<String>) () -> aliases(store)) {
                if (store.isKeyEntry(alias) && store.getKey(alias, password) instanceof PrivateKey found) {
                    List<X509Certificate> certificates = new ArrayList<>();
                    for (var certificate : store.getCertificateChain(alias)) {
                        certificates.add((X509Certificate) certificate);
                    }
                    return new Identity(found, certificates);
                }
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new StartException(
                    chain + " is no key store that the password opens; check the file and the password", e);
        }
        throw new StartException(chain + " holds no private key; put the server's key with its certificate into it");
    }

    private static java.util.Iterator<String> aliases(KeyStore store) {
        try {
            return store.aliases().asIterator();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key store that was loaded has aliases", e);
        }
    }

    /** Makes the handler of one connection. Its time is limited by the deadline of the opening handshake. */
    SslHandler handler(ByteBufAllocator allocator) {
        SslHandler handler = loaded.context().newHandler(allocator);
        ChannelEnds.endWithGoodbye(handler);
        handler.setHandshakeTimeoutMillis(0);
        handler.setCloseNotifyFlushTimeoutMillis(GOODBYE_MILLIS);
        // TLS 1.2 lets a client shake hands again on the same connection as often as it likes, each time at the price
        // of a
        // signature (CVE-2011-1473). Without cipher suites there is nothing to agree on; what was agreed on stays.
        handler.handshakeFuture().addListener(done -> {
            if (done.isSuccess()) {
                handler.engine().setEnabledCipherSuites(new String[0]);
            }
        });
        return handler;
    }

    /** Looks at the files now and then, until {@link #unwatch} was called as often as this. */
    void watch() {
        synchronized (watching) {
            watchers++;
            if (watch == null) {
                watch = Executors.newSingleThreadScheduledExecutor(task -> {
                    Thread thread = new Thread(task, "everwire-certificates");
                    thread.setDaemon(true);
                    return thread;
                });
                watch.scheduleWithFixedDelay(this::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    private void look() {
        try {
            reload();
        } catch (RuntimeException e) {
            // Thrown on, it would end all later looks.
            LOG.error("the certificate in {} could not be looked at", chain, e);
        }
    }

    void unwatch() {
        synchronized (watching) {
            watchers--;
            if (watchers == 0 && watch != null) {
                watch.shutdownNow();
                watch = null;
            }
        }
    }

    /** Names the files, never what is in them. */
    @Override
    public String toString() {
        return "TLS with the certificate in " + chain;
    }
}
