/** The launcher {@code bin/everwire}, run in a small copy of the repository with a pretended JDK and Maven. */
@NullMarked
package io.everwire.verification.launcher;

import org.jspecify.annotations.NullMarked;
