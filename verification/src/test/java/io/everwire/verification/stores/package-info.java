/** What every session store must keep to, whoever writes it. */
@NullMarked
package io.everwire.verification.stores;

import org.jspecify.annotations.NullMarked;
