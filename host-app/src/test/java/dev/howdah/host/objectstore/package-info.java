/**
 * Proofs about the object store's plugin in the sidecar, as the operator's instance manager calls
 * it. Their names end in {@code Proof}, so no build runs them; {@code .ci/steps} does.
 */
package dev.howdah.host.objectstore;
