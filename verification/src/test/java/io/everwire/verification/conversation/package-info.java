/** Our endpoints in conversation with peers that are not ours, over real connections. */
@NullMarked
package io.everwire.verification.conversation;

import org.jspecify.annotations.NullMarked;
