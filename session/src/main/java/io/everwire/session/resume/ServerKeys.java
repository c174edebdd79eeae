package io.everwire.session.resume;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A server's keys by their ids. A session's secret is computed from the key that its id names, so nothing secret is stored per
 * session; keys are changed by making a new one current and keeping the old until its sessions have ended.
 *
 * <p><b>Thread safety.</b> Immutable.
 */
public final class ServerKeys {
    /** The size of a server key, in bytes. */
    public static final int KEY_BYTES = 32;

    /** The size of a session's secret, in bytes. */
    public static final int SECRET_BYTES = 32;

    private static final byte[] LABEL = Offer.SUBPROTOCOL.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NAMING = "everwire.v1 key id".getBytes(StandardCharsets.US_ASCII);

    private final Map<Integer, byte[]> keys = new HashMap<>();
    private final int current;
    private final byte[] currentKey;

    /**
     * Takes the keys.
     *
     * @param keys 32 random bytes each, by ids of 0 to 255; at least the current one. They are copied
     * @param current the id of the key that new sessions get
     * @throws IllegalArgumentException when an id or a key has another size, or the current one is missing
     */
    public ServerKeys(Map<Integer, byte[]> keys, int current) {
        keys.forEach((id, key) -> {
            Bounds.check("the id of a server key", id, 0, 255);
            if (key.length != KEY_BYTES) {
                throw new IllegalArgumentException("a server key has " + KEY_BYTES + " bytes, not " + key.length);
            }
            this.keys.put(id, key.clone());
        });
        this.current = current;
        byte[] key = this.keys.get(current);
        if (key == null) {
            throw new IllegalArgumentException("the current server key, " + current + ", is not among the keys");
        }
        this.currentKey = key;
    }

    /**
     * Returns keys with one key only, whose id is computed from it: sessions of another key, such as that of a store in memory that is
     * gone, are then mostly known for that, and nobody is taken for a thief.
     */
    public static ServerKeys named(byte[] key) {
        int id = Hmac.of(key, NAMING)[0] & 0xff;
        return new ServerKeys(Map.of(id, key), id);
    }

    /** Returns keys with one key only, whose id is 0. */
    public static ServerKeys of(byte[] key) {
        return new ServerKeys(Map.of(0, key), 0);
    }

    /**
     * Makes the id of a new session: the current key's id and 15 bytes.
     *
     * @param fifteenRandomBytes from a source that nobody can guess
     */
    public SessionId newId(byte[] fifteenRandomBytes) {
        if (fifteenRandomBytes.length != SessionId.BYTES - 1) {
            throw new IllegalArgumentException(
                    "a session id has " + (SessionId.BYTES - 1) + " random bytes, not " + fifteenRandomBytes.length);
        }
        byte[] bytes = new byte[SessionId.BYTES];
        bytes[0] = (byte) current;
        System.arraycopy(fifteenRandomBytes, 0, bytes, 1, fifteenRandomBytes.length);
        return SessionId.of(bytes);
    }

    /**
     * Returns the secret of a session: HMAC-SHA-256 of {@code everwire.v1}, the id and the principal under the key that the id
     * names. Under an id of no key of ours it is a secret that nobody was given.
     *
     * @param principal who the application's authenticator says that the client is; empty for nobody
     */
    public byte[] secretFor(SessionId sid, String principal) {
        return Hmac.of(
                keys.getOrDefault(sid.keyId(), currentKey),
                LABEL,
                sid.bytes(),
                principal.getBytes(StandardCharsets.UTF_8));
    }

    /** Tells whether the session was begun with one of these keys, as far as its id says. */
    boolean name(SessionId sid) {
        return keys.containsKey(sid.keyId());
    }

    /**
     * Tells whether the claim of an offer was signed with the secret of its session and its principal. The work is the same
     * whatever the answer; a key that is not ours makes it false.
     *
     * @param path the path of the upgrade request as it was sent, without the query
     * @param applicationSubprotocols {@link Offer#application} of what was offered
     */
    public boolean isAuthentic(Offer offer, String principal, String path, List<String> applicationSubprotocols) {
        Offer.Claim claim = offer.claim();
        if (claim == null) {
            return false;
        }
        boolean isSigned = offer.isSignedBy(secretFor(claim.sid(), principal), path, applicationSubprotocols);
        return isSigned && name(claim.sid());
    }

    /** Returns the ids of the keys, and no key. */
    @Override
    public String toString() {
        return "server keys " + keys.keySet() + ", current " + current;
    }
}
