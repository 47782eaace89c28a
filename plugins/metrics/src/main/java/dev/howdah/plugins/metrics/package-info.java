/**
 * The plugin {@code metrics.howdah.dev}: what PostgreSQL knows of itself beyond the metrics that
 * CloudNativePG exports, and metrics by SQL of the user's own. Here: the plugin's hooks, its
 * parameters, and the collecting in the background from which scrapes are answered.
 */
@NullMarked
package dev.howdah.plugins.metrics;

import org.jspecify.annotations.NullMarked;
