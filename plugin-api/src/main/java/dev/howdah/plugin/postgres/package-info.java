/** PostgreSQL's configuration: enriched in the instance, or desired through the Cluster's spec. */
@NullMarked
package dev.howdah.plugin.postgres;

import org.jspecify.annotations.NullMarked;
