/**
 * Kubernetes admission webhooks over the same hooks as the Operator service: reads
 * AdmissionReviews, asks the plugins, records who changed what, and answers. Connections are {@code
 * listen}'s.
 */
@NullMarked
package dev.howdah.host.admission;

import org.jspecify.annotations.NullMarked;
