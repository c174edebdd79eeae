/** The server's entry point, {@link io.everwire.server.EverwireServer}. It holds no rule: those are the engines'. */
@NullMarked
package io.everwire.server;

import org.jspecify.annotations.NullMarked;
