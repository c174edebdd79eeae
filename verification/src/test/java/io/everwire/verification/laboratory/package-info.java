/** The network laboratory: real processes in network namespaces, a cable that is really cut, and checks from outside. */
@NullMarked
package io.everwire.verification.laboratory;

import org.jspecify.annotations.NullMarked;
