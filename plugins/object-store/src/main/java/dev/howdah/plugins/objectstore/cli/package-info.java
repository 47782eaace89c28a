/** The commands that work on an archive without a host: {@code howdah object-store …}. */
@NullMarked
package dev.howdah.plugins.objectstore.cli;

import org.jspecify.annotations.NullMarked;
