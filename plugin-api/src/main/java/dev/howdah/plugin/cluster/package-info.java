/**
 * The custom resources of CloudNativePG as plugins see them: typed accessors over the whole JSON,
 * with nothing lost.
 */
@NullMarked
package dev.howdah.plugin.cluster;

import org.jspecify.annotations.NullMarked;
