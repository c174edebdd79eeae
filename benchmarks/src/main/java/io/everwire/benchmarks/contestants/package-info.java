/** The servers that are compared, each as its own documentation tells a user to write it, and the program that runs one. */
@NullMarked
package io.everwire.benchmarks.contestants;

import org.jspecify.annotations.NullMarked;
