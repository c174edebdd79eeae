/** The programs that put a server under load; they know the wire, and no library under test. */
@NullMarked
package io.everwire.benchmarks.clients;

import org.jspecify.annotations.NullMarked;
