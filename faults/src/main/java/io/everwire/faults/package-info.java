/**
 * The fault model: what can go wrong on the way between two endpoints, as pure values and engines.
 *
 * <p>Nothing here touches a socket, a thread, a clock or a random source of its own: time is a {@code nowNanos}
 * argument, randomness a constructor argument. {@code io.everwire.faults.proxy} does it to real connections; a
 * simulator can do it to virtual ones with the same {@link io.everwire.faults.Link}.
 */
@NullMarked
package io.everwire.faults;

import org.jspecify.annotations.NullMarked;
