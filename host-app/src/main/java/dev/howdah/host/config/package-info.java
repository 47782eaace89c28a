/**
 * What can be set: the {@code howdah.*} properties as records, the settings of one plugin, and the
 * check that finds misspelt keys. Rooms take values from here; nothing here knows a room.
 */
@NullMarked
package dev.howdah.host.config;

import org.jspecify.annotations.NullMarked;
