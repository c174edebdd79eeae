/** Programs to read, to run and to copy from. Each is one file with a {@code main} and ends by itself or with its input. */
@NullMarked
package io.everwire.examples;

import org.jspecify.annotations.NullMarked;
