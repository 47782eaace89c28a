/** The metrics that the plugin has by itself, a class for each group with its statements. */
@NullMarked
package dev.howdah.plugins.metrics.catalogue;

import org.jspecify.annotations.NullMarked;
