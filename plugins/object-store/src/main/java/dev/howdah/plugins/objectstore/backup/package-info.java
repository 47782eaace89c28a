/** Base backups: from a running PostgreSQL and its files into an archive. */
@NullMarked
package dev.howdah.plugins.objectstore.backup;

import org.jspecify.annotations.NullMarked;
