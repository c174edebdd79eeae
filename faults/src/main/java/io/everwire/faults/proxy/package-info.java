/**
 * The fault model applied to real TCP connections: a proxy, and a control port for it. The only package of this module
 * with sockets, a thread and a clock.
 */
@NullMarked
package io.everwire.faults.proxy;

import org.jspecify.annotations.NullMarked;
