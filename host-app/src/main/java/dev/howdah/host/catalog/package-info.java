/**
 * Which plugins there are and how they are doing. {@link dev.howdah.host.catalog.PluginCatalog}
 * finds a plugin by name at the same cost however many there are; a {@link
 * dev.howdah.host.catalog.PluginHandle} is one of them, from its discovery to its end.
 */
@NullMarked
package dev.howdah.host.catalog;

import org.jspecify.annotations.NullMarked;
