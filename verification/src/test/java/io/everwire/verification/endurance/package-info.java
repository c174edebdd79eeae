/** What only shows after a long time: leaks, and messages that go astray once in a thousand outages. */
@NullMarked
package io.everwire.verification.endurance;

import org.jspecify.annotations.NullMarked;
