/**
 * What becomes of each PostgreSQL parameter of a Cluster, and why: the user's word, policies, what
 * other plugins want and the profile brought together. A function of the Cluster, the host's
 * configuration and the given time.
 */
@NullMarked
package dev.howdah.plugins.configuration.plan;

import org.jspecify.annotations.NullMarked;
