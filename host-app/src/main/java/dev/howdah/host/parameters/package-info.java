/**
 * Parameters as Clusters write them, texts in a map, bound to the records that plugins declare: the
 * host's half of {@link dev.howdah.plugin.Parameters}, and the places in a Cluster where they
 * stand.
 */
@NullMarked
package dev.howdah.host.parameters;

import org.jspecify.annotations.NullMarked;
