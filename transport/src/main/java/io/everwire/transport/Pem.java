package io.everwire.transport;

import io.everwire.StartException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Reads certificates and keys in PEM (RFC 7468). Whatever is wrong with them is said in one sentence that names the file. */
final class Pem {
    private static final Pattern KEY = Pattern.compile(
            "-----BEGIN ([A-Z ]*PRIVATE KEY)-----\\s+([A-Za-z0-9+/=\\s]+)-----END \\1-----", Pattern.DOTALL);
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "EdDSA", "RSASSA-PSS");

    private Pem() {}

    /** Reads a chain of certificates, the owner's first. */
    static List<X509Certificate> certificates(byte[] content, String file) {
        if (!new String(content, StandardCharsets.ISO_8859_1).contains("-----BEGIN CERTIFICATE-----")) {
            throw new StartException(
                    file + " holds no certificate in PEM; it must have a line '-----BEGIN CERTIFICATE-----'");
        }
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(content))) {
                chain.add((X509Certificate) certificate);
            }
            return List.copyOf(chain);
        } catch (CertificateException e) {
            throw new StartException(
                    file + " holds a certificate that cannot be read ("
                            + Texts.printable(String.valueOf(e.getMessage())) + "); write it anew",
                    e);
        }
    }

    /**
     * Reads a private key in PKCS#8.
     *
     * @param password null when the key is not encrypted
     */
    static PrivateKey key(byte[] content, char @Nullable [] password, String file) {
        Matcher block = KEY.matcher(new String(content, StandardCharsets.ISO_8859_1));
        if (!block.find()) {
            throw new StartException(
                    file + " holds no private key in PEM; it must have a line '-----BEGIN PRIVATE KEY-----'");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(block.group(2));
        } catch (IllegalArgumentException e) {
            throw new StartException(file + " holds a private key that is not base64; write it anew", e);
        }
        return switch (block.group(1)) {
            case "PRIVATE KEY" -> decode(new PKCS8EncodedKeySpec(der), file);
            case "ENCRYPTED PRIVATE KEY" -> {
                if (password == null) {
                    throw new StartException(
                            file + " holds an encrypted private key and no password was given; give one, or"
                                    + " decrypt the key with 'openssl pkcs8'");
                }
                yield decode(decrypt(der, password, file), file);
            }
            default ->
                throw new StartException(file + " holds a key in the format '" + block.group(1)
                        + "'; convert it with 'openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW'");
        };
    }

    private static PKCS8EncodedKeySpec decrypt(byte[] der, char[] password, String file) {
        try {
            EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(der);
            // The name of PBES2 says nothing about its parts; its parameters do.
            String algorithm = encrypted.getAlgParameters() == null
                    ? encrypted.getAlgName()
                    : encrypted.getAlgParameters().toString();
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password)),
                    encrypted.getAlgParameters());
            return encrypted.getKeySpec(cipher);
        } catch (IOException | GeneralSecurityException e) {
            throw new StartException(
                    file + " holds a private key that the password does not open; check the password", e);
        }
    }

    private static PrivateKey decode(PKCS8EncodedKeySpec encoded, String file) {
        GeneralSecurityException last = new GeneralSecurityException("no algorithm was tried");
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (GeneralSecurityException e) {
                last = e;
            }
        }
        throw new StartException(
                file + " holds a private key of a kind that Java cannot read; use EC, RSA or Ed25519", last);
    }

    /** Checks that a key is the certificate's own, by a signature. */
    static void requirePair(PrivateKey key, X509Certificate certificate, String keyFile, String certificateFile) {
        boolean isPair;
        try {
            String keyAlgorithm = key.getAlgorithm();
            Signature signature = Signature.getInstance(
                    switch (keyAlgorithm) {
                        case "EC" -> "SHA256withECDSA";
                        case "RSA" -> "SHA256withRSA";
                        default -> keyAlgorithm;
                    });
            byte[] sample = {1, 2, 3};
            signature.initSign(key);
            signature.update(sample);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(sample);
            isPair = signature.verify(signed);
        } catch (GeneralSecurityException e) {
            isPair = false;
        }
        if (!isPair) {
            throw new StartException("the private key in " + keyFile + " does not belong to the certificate in "
                    + certificateFile + "; give the pair that was made together");
        }
    }
}
