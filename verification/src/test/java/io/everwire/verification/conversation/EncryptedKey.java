package io.everwire.verification.conversation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;

/** Writes keys as openssl does when it is given a password: PBES2 with AES (RFC 8018). */
final class EncryptedKey {
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 4;
    private static final byte[] PBES2 = HexFormat.of().parseHex("06092a864886f70d01050d");

    private EncryptedKey() {}

    /** DER, up to 64 KiB. */
    private static byte[] tagged(int tag, byte[]... parts) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.write(part);
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(tag);
        if (content.size() >= 0x80) {
            all.write(0x82);
            all.write(content.size() >> 8);
        }
        all.write(content.size());
        content.writeTo(all);
        return all.toByteArray();
    }

    static String pem(PrivateKey key, char[] password) {
        try {
            String algorithm = "PBEWithHmacSHA256AndAES_256";
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(password)),
                    new PBEParameterSpec(new byte[16], 1_000, new IvParameterSpec(new byte[16])));
            byte[] der = tagged(
                    SEQUENCE,
                    tagged(SEQUENCE, PBES2, cipher.getParameters().getEncoded()),
                    tagged(OCTETS, cipher.doFinal(key.getEncoded())));
            return "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                    + "\n-----END ENCRYPTED PRIVATE KEY-----\n";
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }
}
