/**
 * Plugins called without a host: what a host would give them, as far as {@code explain} needs it
 * with no cluster at hand.
 */
@NullMarked
package dev.howdah.plugins.configuration.offline;

import org.jspecify.annotations.NullMarked;
