/** All clients of a killed server come back at once, in processes of their own. */
@NullMarked
package io.everwire.verification.storm;

import org.jspecify.annotations.NullMarked;
