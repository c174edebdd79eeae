package io.everwire.protocol;

/**
 * What two endpoints have agreed on in the opening handshake for permessage-deflate (RFC 7692 §7.1).
 *
 * @param serverKeepsContext whether a message of the server may refer to its earlier ones
 * @param clientKeepsContext the same for the client
 * @param serverWindowBits how far back, in bytes as a power of two, messages of the server may refer: 8 to 15
 * @param clientWindowBits the same for the client
 */
public record DeflateAgreement(
        boolean serverKeepsContext, boolean clientKeepsContext, int serverWindowBits, int clientWindowBits) {
    /** Tells whether what this endpoint sends may refer to what it sent before. */
    public boolean keepsContext(Role sender) {
        return sender == Role.SERVER ? serverKeepsContext : clientKeepsContext;
    }

    /** Returns how far back messages of this endpoint may refer, in bytes as a power of two. */
    public int windowBits(Role sender) {
        return sender == Role.SERVER ? serverWindowBits : clientWindowBits;
    }
}
