/**
 * The launcher's commands: starting the host, and asking a running one the way the operator would.
 * What a command needs of the host it reaches over the wire, or through {@link
 * dev.howdah.host.cli.ServeLauncher}; only {@code serve} starts Spring.
 */
@NullMarked
package dev.howdah.host.cli;

import org.jspecify.annotations.NullMarked;
