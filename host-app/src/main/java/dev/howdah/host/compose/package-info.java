/**
 * What several hosted plugins do together on one Cluster: enrichment of PostgreSQL's configuration
 * one after the other, and wishes for its parameters merged into one. Pure computation; calling
 * plugins and writing Clusters is done elsewhere.
 */
@NullMarked
package dev.howdah.host.compose;

import org.jspecify.annotations.NullMarked;
