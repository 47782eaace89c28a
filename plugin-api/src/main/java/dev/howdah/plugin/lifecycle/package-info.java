/**
 * Kubernetes objects that the operator is about to write for a Cluster: hooks that change them and
 * observers that only look.
 */
@NullMarked
package dev.howdah.plugin.lifecycle;

import org.jspecify.annotations.NullMarked;
