package io.everwire.verification.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.everwire.StartException;
import io.everwire.transport.ClientTls;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a client's TLS, and the one sentence that each mistake in them is worth. */
class ClientTlsFilesTest {
    private static final Certified CERTIFIED = new Certified();
    private static final X509Bundle OWN = CERTIFIED.issue(builder -> builder.subject("CN=a client"));

    @TempDir
    private Path directory;

    private static String encrypted(PrivateKey key, String password) throws Exception {
        String algorithm = "PBEWithHmacSHA256AndAES_256";
        SecretKey secret =
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password.toCharArray()));
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(Cipher.ENCRYPT_MODE, secret);
        byte[] der = new EncryptedPrivateKeyInfo(cipher.getParameters(), cipher.doFinal(key.getEncoded())).getEncoded();
        byte[] line = "\n".getBytes(StandardCharsets.US_ASCII);
        return "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, line).encodeToString(der)
                + "\n-----END ENCRYPTED PRIVATE KEY-----\n";
    }

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
        Path key =
                Certified.file(directory, "own.key", encrypted(OWN.getKeyPair().getPrivate(), "right"));

        assertThat(CERTIFIED.trust(directory).withIdentity(chain(), key, "right".toCharArray()))
                .isNotNull();
        assertRefused(chain(), key, "wrong".toCharArray(), "own.key", "password");
        assertThatThrownBy(() -> CERTIFIED.trust(directory).withIdentity(chain(), key))
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
