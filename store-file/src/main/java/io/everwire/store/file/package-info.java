/**
 * A store in a directory of its own: a journal of what happened, what it means in memory, one thread that writes. The decision is
 * recorded in {@code docs/adr}, the levels of durability in {@code docs/guide/stores.md}.
 */
@NullMarked
package io.everwire.store.file;

import org.jspecify.annotations.NullMarked;
