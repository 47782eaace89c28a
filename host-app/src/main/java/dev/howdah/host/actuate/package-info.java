/**
 * How the host shows itself: the {@code plugins} endpoint, health, metrics of plugins, state
 * changes in the log, what is said on the terminal, and who may see it.
 */
@NullMarked
package dev.howdah.host.actuate;

import org.jspecify.annotations.NullMarked;
