/**
 * Which backups and which WAL an archive no longer needs, by which rule, and their deletion. What
 * is wanted is planned from what the archive shows, and nothing is deleted that no plan names.
 */
@NullMarked
package dev.howdah.plugins.objectstore.retention;

import org.jspecify.annotations.NullMarked;
