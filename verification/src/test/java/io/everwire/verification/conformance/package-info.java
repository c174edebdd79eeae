/** Both ends judged by the Autobahn test suite, row by row against a golden file. */
@NullMarked
package io.everwire.verification.conformance;

import org.jspecify.annotations.NullMarked;
