/** To be described by its first class. */
@NullMarked
package io.everwire.session;

import org.jspecify.annotations.NullMarked;
