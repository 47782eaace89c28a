/**
 * What users write down about a store: the {@code ObjectStore} resource, the Secrets it names, and
 * how these become a store.
 */
@NullMarked
package dev.howdah.plugins.objectstore.config;

import org.jspecify.annotations.NullMarked;
