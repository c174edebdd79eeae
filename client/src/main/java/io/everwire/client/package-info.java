/** To be described by its first class. */
@NullMarked
package io.everwire.client;

import org.jspecify.annotations.NullMarked;
