/** Recovery: which backup to go back to, and its files on the disk again. */
@NullMarked
package dev.howdah.plugins.objectstore.recovery;

import org.jspecify.annotations.NullMarked;
