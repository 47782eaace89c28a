/**
 * Places that keep objects: one small interface, and a class for each kind of place. Nothing in
 * here knows what a WAL segment or a backup is.
 */
@NullMarked
package dev.howdah.plugins.objectstore.store;

import org.jspecify.annotations.NullMarked;
