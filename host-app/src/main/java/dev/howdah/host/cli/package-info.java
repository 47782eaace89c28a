/**
 * The launcher's commands: starting the host, asking a running one the way the operator would, and
 * what a plugin's author needs. What a command needs of the host it reaches over the wire, or
 * through {@link dev.howdah.host.cli.ServeLauncher}; only {@code serve} starts the host. The {@code
 * plugins} commands look through the doors of {@code discovery} themselves.
 */
@NullMarked
package dev.howdah.host.cli;

import org.jspecify.annotations.NullMarked;
