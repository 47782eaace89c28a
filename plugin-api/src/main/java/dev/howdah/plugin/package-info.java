/**
 * What a plugin is: {@link dev.howdah.plugin.Plugin} says who it is and registers what it does; the host does everything else.
 */
@NullMarked
package dev.howdah.plugin;

import org.jspecify.annotations.NullMarked;
