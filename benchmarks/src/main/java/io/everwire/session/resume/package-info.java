/** Measurements of single parts of sessions; in this package, because they are its own. */
@NullMarked
package io.everwire.session.resume;

import org.jspecify.annotations.NullMarked;
