/** To be described by its first class. */
@NullMarked
package io.everwire.transport;

import org.jspecify.annotations.NullMarked;
