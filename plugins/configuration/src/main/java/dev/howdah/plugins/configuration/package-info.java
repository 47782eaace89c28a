/**
 * The plugin {@code configuration.howdah.dev}: its parameters, its part of the host's configuration
 * and what it registers. The work is done in the packages below, which know nothing of hooks.
 */
@NullMarked
package dev.howdah.plugins.configuration;

import org.jspecify.annotations.NullMarked;
