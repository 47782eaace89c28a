/** Base backups and restoring a data directory from one. */
@NullMarked
package dev.howdah.plugin.backup;

import org.jspecify.annotations.NullMarked;
