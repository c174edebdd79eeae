/**
 * Runs the two engines of {@code everwire.v1} against each other in a world that a seed decides: its network, its crashes, its
 * applications and its store. One seed is one exact run. Checkers watch what happens; no rule of the protocol stands here.
 */
@NullMarked
package io.everwire.verification.simulation;

import org.jspecify.annotations.NullMarked;
