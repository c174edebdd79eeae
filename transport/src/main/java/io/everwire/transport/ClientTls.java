package io.everwire.transport;

import io.everwire.StartException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How a client protects {@code wss} connections: whom it trusts, and who it is to a server that asks. TLS 1.2 and 1.3, by the JDK.
 *
 * <p>The certificate must name the host of the URL, a name or an IP address (RFC 9110 §4.3.4, RFC 6125 §6); there is no way to turn
 * that off, and a ready {@link SSLContext} does not either. Names are sent as SNI (RFC 6066 §3), addresses are not.
 *
 * <p>Keep one object for all sessions to a server: a TLS session can only be resumed (RFC 8446 §2.2, RFC 5077) by the object that
 * began it. Immutable; any thread may use it.
 */
public final class ClientTls {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private static @Nullable ClientTls jdk;

    private final SSLContext context;
    private final @Nullable TrustManager trust;

    private ClientTls(SSLContext context, @Nullable TrustManager trust) {
        this.context = context;
        this.trust = trust;
    }

    private ClientTls(TrustManager trust, KeyManager @Nullable [] identity) {
        this(contextOf(trust, identity), trust);
    }

    /**
     * Trusts whom the JDK trusts: its {@code cacerts}, or what {@code javax.net.ssl.trustStore} names. The default. Read by the first
     * call, about 0.2 s, and kept.
     *
     * @throws StartException when they cannot be read
     */
    public static synchronized ClientTls trustingTheJdk() {
        if (jdk == null) {
            jdk = new ClientTls(new JudgedTrust(trustOf(null)), null);
        }
        return jdk;
    }

    /**
     * Trusts the certificates of a file, and nobody else.
     *
     * @param certificates a PEM file: authorities, or a server's own self-signed certificate; read now, at most 1 MiB
     * @throws StartException when the file cannot be read or holds no certificate; the message says why
     */
    public static ClientTls trusting(Path certificates) {
        try {
            KeyStore store = empty();
            int number = 0;
            for (X509Certificate certificate : Pem.certificates(TlsFiles.read(certificates), certificates.toString())) {
                store.setCertificateEntry("trusted-" + number++, certificate);
            }
            return trusting(store);
        } catch (GeneralSecurityException e) {
            throw unusable("the certificates of " + certificates, e);
        }
    }

    /**
     * Trusts the certificates of a key store, and nobody else.
     *
     * @throws StartException when it holds none that is trusted
     */
    public static ClientTls trusting(KeyStore certificates) {
        X509ExtendedTrustManager trust = trustOf(certificates);
        if (trust.getAcceptedIssuers().length == 0) {
            throw new StartException("the key store holds no trusted certificate; nobody could be trusted");
        }
        return new ClientTls(new JudgedTrust(trust), null);
    }

    /**
     * Uses a ready context: its trust, its keys, its provider. Host names are verified nonetheless, and only TLS 1.2 and 1.3 are
     * spoken.
     */
    public static ClientTls of(SSLContext context) {
        return new ClientTls(context, (TrustManager) null);
    }

    /** As {@link #withIdentity(Path, Path, char[])}, for a key that is not encrypted. */
    public ClientTls withIdentity(Path certificates, Path key) {
        return withIdentity(certificates, key, null);
    }

    /**
     * Returns a copy that shows a certificate to a server that asks for one (mutual TLS).
     *
     * @param certificates a PEM file: our own certificate first, then its issuers; read now
     * @param key a PEM file with the private key in PKCS#8, RSA, EC or Ed25519; read now
     * @param password of an encrypted key, null for none; not kept
     * @throws StartException when a file cannot be read, the password is wrong, or the key is another certificate's; the
     *     message says which
     * @throws IllegalStateException when this object was made of a ready context, which has its own keys
     */
    public ClientTls withIdentity(Path certificates, Path key, char @Nullable [] password) {
        List<X509Certificate> chain = Pem.certificates(TlsFiles.read(certificates), certificates.toString());
        PrivateKey secret = Pem.key(TlsFiles.read(key), password, key.toString());
        Pem.requirePair(secret, chain.get(0), key.toString(), certificates.toString());
        try {
            KeyStore store = empty();
            store.setKeyEntry("identity", secret, new char[0], chain.toArray(new Certificate[0]));
            return withIdentity(store, new char[0]);
        } catch (GeneralSecurityException e) {
            throw unusable("the key in " + key, e);
        }
    }

    /**
     * Returns a copy that shows a certificate of a key store to a server that asks for one (mutual TLS).
     *
     * @param password of the keys; not kept
     * @throws StartException when the store holds no key, or the password does not open it
     * @throws IllegalStateException when this object was made of a ready context, which has its own keys
     */
    public ClientTls withIdentity(KeyStore keys, char[] password) {
        if (trust == null) {
            throw new IllegalStateException("a ready SSLContext has its own keys; put the identity into it");
        }
        try {
            boolean hasKey = false;
            for (String alias : Collections.list(keys.aliases())) {
                hasKey |= keys.isKeyEntry(alias);
            }
            if (!hasKey) {
                throw new StartException("the key store holds no private key");
            }
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keys, password);
            return new ClientTls(trust, factory.getKeyManagers());
        } catch (GeneralSecurityException e) {
            throw unusable("a key of the key store, by the password given", e);
        }
    }

    /** Prepares the handler of one connection. */
    SslHandler handlerFor(String host, int port) {
        // With the peer's name and port the JDK finds the session that it may resume.
        SSLEngine engine = context.createSSLEngine(host, port);
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(PROTOCOLS);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        // RFC 6066 §3: "Literal IPv4 and IPv6 addresses are not permitted in "HostName"."
        parameters.setServerNames(isAddress(host) ? List.of() : List.of(new SNIHostName(host)));
        engine.setSSLParameters(parameters);
        SslHandler handler = new SslHandler(engine);
        // The attempt has one deadline, the reconnect engine's.
        handler.setHandshakeTimeoutMillis(0);
        ChannelEnds.endWithGoodbye(handler);
        return handler;
    }

    /** Returns the host of a URL as certificates write it: no brackets, no final dot. */
    static String nameOf(String host) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        return bare.endsWith(".") ? bare.substring(0, bare.length() - 1) : bare;
    }

    /** Returns what is wrong with the certificate of a finished handshake, null when it names the host. */
    static @Nullable String complaintAbout(SslHandler handler, String host) {
        try {
            Certificate own = handler.engine().getSession().getPeerCertificates()[0];
            // Verified before, too, except by a trust manager of the application that leaves it out.
            return own instanceof X509Certificate certificate && CertificateNames.areFor(certificate, host)
                    ? null
                    : own instanceof X509Certificate other
                            ? TlsFailures.ofWrongHost(other, host)
                            : "the certificate of " + host + " is of an unknown kind";
        } catch (SSLPeerUnverifiedException e) {
            return host + " showed no certificate";
        }
    }

    private static boolean isAddress(String host) {
        return NetUtil.createByteArrayFromIpAddressString(host) != null;
    }

    private static KeyStore empty() throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (java.io.IOException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private static X509ExtendedTrustManager trustOf(@Nullable KeyStore store) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager found) {
                    return found;
                }
            }
            throw new StartException("this Java runtime cannot judge X.509 certificates");
        } catch (GeneralSecurityException e) {
            throw unusable(
                    store == null
                            ? "what the JDK trusts (its cacerts, or javax.net.ssl.trustStore)"
                            : "the trusted certificates",
                    e);
        }
    }

    private static SSLContext contextOf(TrustManager trust, KeyManager @Nullable [] identity) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(identity, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw unusable("TLS", e);
        }
    }

    private static StartException unusable(String what, GeneralSecurityException e) {
        return new StartException(what + " cannot be used: " + e.getMessage(), e);
    }
}
