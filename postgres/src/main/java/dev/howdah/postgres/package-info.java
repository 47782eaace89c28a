/**
 * The way from a plugin to the PostgreSQL of its own Pod. What is asked there belongs to the
 * plugins.
 */
@NullMarked
package dev.howdah.postgres;

import org.jspecify.annotations.NullMarked;
