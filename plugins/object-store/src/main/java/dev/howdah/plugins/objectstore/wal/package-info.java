/** WAL on its way into an archive and back. */
@NullMarked
package dev.howdah.plugins.objectstore.wal;

import org.jspecify.annotations.NullMarked;
