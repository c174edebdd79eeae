/** {@code everwire bench}: suites of measurements, how they are run, kept, compared and drawn. */
@NullMarked
package io.everwire.benchmarks;

import org.jspecify.annotations.NullMarked;
