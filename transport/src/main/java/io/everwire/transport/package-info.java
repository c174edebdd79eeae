/**
 * The drivers of the engines: Netty's event loops, dialing, the HTTP upgrade, one handler per connection, and the timing
 * wheel. Start with {@link io.everwire.transport.Connection}. Applications use the client and server modules instead.
 */
@NullMarked
package io.everwire.transport;

import org.jspecify.annotations.NullMarked;
