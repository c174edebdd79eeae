/** To be described by its first class. */
@NullMarked
package io.everwire.server;

import org.jspecify.annotations.NullMarked;
