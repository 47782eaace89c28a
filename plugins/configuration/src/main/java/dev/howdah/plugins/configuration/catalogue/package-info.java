/**
 * What PostgreSQL's parameters are, major by major: names, types, units, ranges, and whether a
 * change needs a restart. Generated from real servers' {@code pg_settings}; knows nothing of
 * Kubernetes.
 */
@NullMarked
package dev.howdah.plugins.configuration.catalogue;

import org.jspecify.annotations.NullMarked;
