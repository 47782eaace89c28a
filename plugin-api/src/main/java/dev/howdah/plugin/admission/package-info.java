/**
 * Validating, defaulting and retiring a Cluster's definition: the hooks behind the Operator service
 * and the admission webhooks.
 */
@NullMarked
package dev.howdah.plugin.admission;

import org.jspecify.annotations.NullMarked;
