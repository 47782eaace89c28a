/**
 * The one shared sidecar: what it looks like for a Cluster, how it gets into Pods and Jobs, and
 * when the enrichment that runs in it becomes active. Everything here is a function of the Cluster
 * and of settings that all replicas share; nothing depends on the host's own version.
 */
@NullMarked
package dev.howdah.host.sidecar;

import org.jspecify.annotations.NullMarked;
