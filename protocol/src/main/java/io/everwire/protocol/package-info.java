/** To be described by its first class. */
@NullMarked
package io.everwire.protocol;

import org.jspecify.annotations.NullMarked;
