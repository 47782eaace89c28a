/**
 * Long proofs of what the plugin promises under faults, kills and load, with real servers and
 * processes. Their names end in {@code Proof}, so no build runs them; {@code .ci/steps} does.
 */
package dev.howdah.plugins.objectstore.proof;
