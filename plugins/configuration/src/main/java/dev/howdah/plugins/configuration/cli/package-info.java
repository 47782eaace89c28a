/** The plugin's commands for the launcher: {@code howdah configuration explain}. */
@NullMarked
package dev.howdah.plugins.configuration.cli;

import org.jspecify.annotations.NullMarked;
