/** The client's entry point, {@link io.everwire.client.EverwireClient}. It holds no rule: those are the engines'. */
@NullMarked
package io.everwire.client;

import org.jspecify.annotations.NullMarked;
