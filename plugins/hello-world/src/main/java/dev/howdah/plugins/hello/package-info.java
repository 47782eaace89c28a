/**
 * The plugin to read first: labels, annotations and a sidecar for a Cluster's Pods, and a status.
 */
@NullMarked
package dev.howdah.plugins.hello;

import org.jspecify.annotations.NullMarked;
