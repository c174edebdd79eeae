/** The conformance vectors of {@code everwire.v1}: made by the production codec and engines, kept in {@code docs/vectors}. */
@NullMarked
package io.everwire.verification.vectors;

import org.jspecify.annotations.NullMarked;
