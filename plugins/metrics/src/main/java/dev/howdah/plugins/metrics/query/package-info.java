/**
 * Statements whose rows are samples: what one is, how rows are read, and how users declare them.
 */
@NullMarked
package dev.howdah.plugins.metrics.query;

import org.jspecify.annotations.NullMarked;
