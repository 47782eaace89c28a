/**
 * What a plugin registered, as a host reads it, with the capabilities that follow from it. Authors
 * don't need it.
 */
@NullMarked
package dev.howdah.plugin.registry;

import org.jspecify.annotations.NullMarked;
