/**
 * Recovery: which backup to go back to, its files on the disk again, and whether both will do when
 * they are needed, which verification tells.
 */
@NullMarked
package dev.howdah.plugins.objectstore.recovery;

import org.jspecify.annotations.NullMarked;
