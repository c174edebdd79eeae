/**
 * Broken builds of the session engines, which the simulator must find broken: the test of the test. A mutation is a change to a
 * source file, compiled in memory and loaded beside the sound classes, so that what is published carries no trace of it.
 */
@NullMarked
package io.everwire.verification.mutation;

import org.jspecify.annotations.NullMarked;
