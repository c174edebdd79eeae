/**
 * Peers that mean harm, over real connections. Each test bears the id of its row in docs/security.md, where the mistake of
 * somebody else stands that it would have caught.
 */
@NullMarked
package io.everwire.verification.hostile;

import org.jspecify.annotations.NullMarked;
