/** Measurements of single parts of timers; in this package, because they are its own. */
@NullMarked
package io.everwire.transport;

import org.jspecify.annotations.NullMarked;
