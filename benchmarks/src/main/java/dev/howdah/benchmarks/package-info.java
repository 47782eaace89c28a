/**
 * Measures whole paths: a real host against what it is compared with, in one run, so that the ratio
 * holds although the machine's speed drifts. Each benchmark is a class that answers rows of the
 * table in {@code docs/performance.md}.
 */
@NullMarked
package dev.howdah.benchmarks;

import org.jspecify.annotations.NullMarked;
