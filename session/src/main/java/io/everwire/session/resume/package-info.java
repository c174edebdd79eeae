/**
 * Sessions that outlive their connections: the {@code everwire.v1} protocol as pure engines and codecs. The protocol is written
 * down in {@code docs/protocol.md}.
 */
@NullMarked
package io.everwire.session.resume;

import org.jspecify.annotations.NullMarked;
