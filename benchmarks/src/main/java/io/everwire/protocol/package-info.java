/** Measurements of single parts of the frame path; in this package, because they are its own. */
@NullMarked
package io.everwire.protocol;

import org.jspecify.annotations.NullMarked;
