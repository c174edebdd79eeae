/** To be described by its first class. */
@NullMarked
package io.everwire.faults;

import org.jspecify.annotations.NullMarked;
