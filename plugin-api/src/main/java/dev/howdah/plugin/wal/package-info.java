/** Archiving WAL segments and getting them back. */
@NullMarked
package dev.howdah.plugin.wal;

import org.jspecify.annotations.NullMarked;
