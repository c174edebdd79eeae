/** Conversations with other people's clients and servers, each a real one. */
@NullMarked
package io.everwire.verification.interop;

import org.jspecify.annotations.NullMarked;
