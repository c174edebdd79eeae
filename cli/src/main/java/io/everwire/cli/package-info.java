/**
 * The {@code everwire} command. {@link io.everwire.cli.Main} reads the arguments; one class a subcommand does the work; what a
 * person reads and what a script reads are made in different places from the same events.
 */
@NullMarked
package io.everwire.cli;

import org.jspecify.annotations.NullMarked;
