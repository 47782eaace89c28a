/**
 * The plugin {@code logging.howdah.dev}: what PostgreSQL logs, as presets and single settings,
 * wished for through the Cluster's spec. Where the log goes is CloudNativePG's.
 */
@NullMarked
package dev.howdah.plugins.logging;

import org.jspecify.annotations.NullMarked;
