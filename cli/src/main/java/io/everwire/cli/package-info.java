/** To be described by its first class. */
@NullMarked
package io.everwire.cli;

import org.jspecify.annotations.NullMarked;
