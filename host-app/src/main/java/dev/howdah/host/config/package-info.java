/**
 * What can be set: the {@code howdah.*} properties as records, the settings of one plugin, the
 * check that finds misspelt keys, and what is said of wrong values. Rooms take values from here;
 * nothing here knows a room.
 */
@NullMarked
package dev.howdah.host.config;

import org.jspecify.annotations.NullMarked;
