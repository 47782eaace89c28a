/**
 * The way to the Kubernetes API and the election of the replica that does scheduled work. Knows
 * nothing of what is done with either. What the host may ask of the API server is written down in
 * {@code META-INF/howdah/rbac.yaml}, feature by feature, and nowhere else.
 */
@NullMarked
package dev.howdah.host.kubernetes;

import org.jspecify.annotations.NullMarked;
