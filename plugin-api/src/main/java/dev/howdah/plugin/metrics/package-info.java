/** Metrics that a plugin adds to those of the instance's exporter. */
@NullMarked
package dev.howdah.plugin.metrics;

import org.jspecify.annotations.NullMarked;
