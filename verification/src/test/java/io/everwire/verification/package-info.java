/** What judges Everwire from outside: its rules, its launcher, its conformance. Nothing here is published. */
@NullMarked
package io.everwire.verification;

import org.jspecify.annotations.NullMarked;
