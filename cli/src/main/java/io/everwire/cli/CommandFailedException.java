package io.everwire.cli;

/** A command cannot do what it was asked for; the message is the sentence that the user reads. */
final class CommandFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandFailedException(String sentence) {
        super(sentence);
    }
}
