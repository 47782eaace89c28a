/**
 * One server's archive as a whole: the layout put over a store, its catalogue of backups, and what
 * a store's failure means to those who asked.
 */
@NullMarked
package dev.howdah.plugins.objectstore.archive;

import org.jspecify.annotations.NullMarked;
