/**
 * The platform team's rules for PostgreSQL parameters and for Clusters, and where a Cluster breaks
 * them. What a rule does about it is decided by the caller.
 */
@NullMarked
package dev.howdah.plugins.configuration.policy;

import org.jspecify.annotations.NullMarked;
