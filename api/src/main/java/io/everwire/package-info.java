/**
 * The words an application writes against. Start with {@link io.everwire.Session}.
 *
 * <p>Nothing here performs I/O, reads a clock or starts a thread; the entry points that do are {@code EverwireClient}
 * and {@code EverwireServer}.
 */
@NullMarked
package io.everwire;

import org.jspecify.annotations.NullMarked;
