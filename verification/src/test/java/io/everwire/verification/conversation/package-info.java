/** The real client and server over real connections: with each other, and with peers that break rules by hand. */
@NullMarked
package io.everwire.verification.conversation;

import org.jspecify.annotations.NullMarked;
