/**
 * The engines of a session: is the peer alive ({@link io.everwire.session.Liveness}), when to dial again ({@link
 * io.everwire.session.Reconnect}).
 *
 * <p>Engines do no I/O, start no thread and read no clock. The contract they share is written once, in {@link
 * io.everwire.session.Engine}.
 */
@NullMarked
package io.everwire.session;

import org.jspecify.annotations.NullMarked;
