/** The rules of the architecture and of the style, as tests; each is shown to fail on a bad example. */
@NullMarked
package io.everwire.verification.architecture;

import org.jspecify.annotations.NullMarked;
