package io.everwire.session.resume;

/** An offer that breaks the format of {@code everwire.v1}: the upgrade is refused with 400. */
public final class MalformedOfferException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Makes the exception with its sentence, which quotes nothing of the offer but numbers. */
    public MalformedOfferException(String message) {
        super(message);
    }
}
