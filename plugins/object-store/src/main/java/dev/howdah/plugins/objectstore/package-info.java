/**
 * The plugin that archives WAL, makes base backups and recovers from them, in Barman Cloud's
 * layout: the class that the host sees, and how its hooks reach the rooms below.
 */
@NullMarked
package dev.howdah.plugins.objectstore;

import org.jspecify.annotations.NullMarked;
