package io.everwire;

/**
 * How a session was lost, and what became of the messages that this end had sent in it. Numbers count from 1; messages up to {@code
 * delivered} are known to have reached the peer's application, or its queue.
 *
 * @param reason why
 * @param delivered the last message that the peer is known to have
 * @param unknown how many messages after it were sent without an answer: the peer may or may not have them
 * @param undelivered how many messages after those never left
 * @param received the last message that was received from the peer
 */
public record SessionLoss(LossReason reason, long delivered, long unknown, long undelivered, long received) {}
