/**
 * One WebSocket connection after RFC 6455, as a pure state machine: bytes in, messages out, and messages in, bytes out.
 *
 * <p>{@link io.everwire.protocol.FrameReceiver} decodes and judges what the peer sends,
 * {@link io.everwire.protocol.FrameWriter} encodes what we send, and {@link io.everwire.protocol.OpeningHandshake} judges
 * the two HTTP heads before them. {@link io.everwire.protocol.PermessageDeflate} agrees on compression (RFC 7692), which
 * {@link io.everwire.protocol.MessageDeflater} and {@link io.everwire.protocol.MessageInflater} do. Nothing here reads a clock, draws a random number, logs or does I/O; no input from the
 * network makes anything here throw. A new connection needs a new receiver.
 *
 * <p>Each rule stands under the sentence of the RFC that it obeys.
 */
@NullMarked
package io.everwire.protocol;

import org.jspecify.annotations.NullMarked;
