/**
 * The layout of an archive, as Barman Cloud defines it: names, codecs and the {@code backup.info}
 * file, in both directions. Nothing in here speaks to a store.
 */
@NullMarked
package dev.howdah.plugins.objectstore.layout;

import org.jspecify.annotations.NullMarked;
