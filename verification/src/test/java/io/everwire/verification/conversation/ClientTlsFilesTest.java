package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.StartException;
import io.everwire.transport.ClientTls;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a client's TLS, and the one sentence that each mistake in them is worth. */
class ClientTlsFilesTest {
    private static final Certified CERTIFIED = new Certified();
    private static final X509Bundle OWN = CERTIFIED.issue(builder -> builder.subject("CN=a client"));

    /** Made by openssl, and encrypted by it with the password "right": a key that exists for this test alone. */
    private static final String ENCRYPTED_KEY = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAh1ZDaFYYFthAICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEKVmT4QizIGbeysTukOuF1QEgZD/
            1rj4ZC5MFWotF1dHqCwvTMk1aV5e38xP4T4TYVSKtPBtz39JdHbADLgCyi7MDMga
            hoeMkE6TGkVFXODkx1cmYUi6JgG1RlNe1Lq/ocbuLMZExjDPWJqk8Ajyw+XSH4tB
            Ln1qLMlt1ewxytEWC/Nj6OrrpD4jNkFG+1eV8IaBypNfhgxzHCYHXL3RtbGYJNE=
            -----END ENCRYPTED PRIVATE KEY-----
            """;

    private static final String ITS_CERTIFICATE = """
            -----BEGIN CERTIFICATE-----
            MIIBfjCCASOgAwIBAgIUUjdqQ0NhDvz4hX2tnYTve0LlHzwwCgYIKoZIzj0EAwIw
            EzERMA8GA1UEAwwIYSBjbGllbnQwIBcNMjYxMTIyMjExNTUwWhgPMjEyNjEwMjky
            MTE1NTBaMBMxETAPBgNVBAMMCGEgY2xpZW50MFkwEwYHKoZIzj0CAQYIKoZIzj0D
            AQcDQgAEaN/oQbewWJMY2SDR44sDOaN+/58SLiIIoweWStUQDSYvZXd0ZzFtHuT0
            I+k3DBQsEWAwfMItguPkz3HEpxPJ1KNTMFEwHQYDVR0OBBYEFEVBGCZ9dNSceyMS
            DbCe9U7EJB6BMB8GA1UdIwQYMBaAFEVBGCZ9dNSceyMSDbCe9U7EJB6BMA8GA1Ud
            EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAN1Gbb+1lwPS9QGuEG9/vVEy
            GlBCwoj1LnKBsSVj2KSpAiEAgb8IC+eOCSY5Z213qr30JU3bQWmI7danN7rc5N5g
            QuA=
            -----END CERTIFICATE-----
            """;

    @TempDir
    private Path directory;

    private Path chain() throws IOException {
        return Certified.file(directory, "own.pem", OWN.getCertificatePathPEM());
    }

    private void assertRefused(Path certificates, Path key, char[] password, String... words) throws IOException {
        ClientTls trust = CERTIFIED.trust(directory);
        assertThatThrownBy(() -> trust.withIdentity(certificates, key, password))
                .isInstanceOf(StartException.class)
                .message()
                .contains(words)
                .doesNotContain("\n")
                .doesNotContain("wrong");
    }

    @Test
    void opensAnEncryptedKeyByItsPassword() throws Exception {
        Path key = Certified.file(directory, "own.key", ENCRYPTED_KEY);
        Path certificate = Certified.file(directory, "its.pem", ITS_CERTIFICATE);

        assertThat(CERTIFIED.trust(directory).withIdentity(certificate, key, "right".toCharArray()))
                .isNotNull();
        assertRefused(certificate, key, "wrong".toCharArray(), "own.key", "password");
        ClientTls trust = CERTIFIED.trust(directory);
        assertThatThrownBy(() -> trust.withIdentity(certificate, key))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("encrypted");
    }

    @Test
    void refusesAKeyThatIsAnothers() throws Exception {
        Path key = Certified.file(directory, "other.key", CERTIFIED.server().getPrivateKeyPEM());

        assertRefused(chain(), key, new char[0], "other.key", "own.pem", "does not belong");
    }

    @Test
    void refusesFilesThatHoldSomethingElse() throws Exception {
        Path key = Certified.file(directory, "own.key", OWN.getPrivateKeyPEM());
        Path old = Certified.file(
                directory, "old.key", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");

        assertRefused(key, chain(), new char[0], "own.key", "no certificate");
        assertRefused(chain(), chain(), new char[0], "own.pem", "no private key");
        assertRefused(chain(), old, new char[0], "old.key", "openssl pkcs8");
        assertRefused(chain(), directory.resolve("absent.key"), new char[0], "absent.key", "does not exist");
        assertRefused(directory, key, new char[0], "cannot be read");
    }

    @Test
    void refusesToTrustNobody() throws Exception {
        KeyStore empty = KeyStore.getInstance("PKCS12");
        empty.load(null, null);

        assertThatThrownBy(() -> ClientTls.trusting(empty))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("no trusted certificate");
        assertThatThrownBy(() -> ClientTls.trustingTheJdk().withIdentity(empty, new char[0]))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("no private key");
    }

    @Test
    void leavesTheKeysOfAnOwnContextAlone() throws Exception {
        ClientTls own = ClientTls.of(CERTIFIED.context(null));
        Path key = Certified.file(directory, "own.key", OWN.getPrivateKeyPEM());

        assertThatThrownBy(() -> own.withIdentity(chain(), key))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("SSLContext");
    }
}
