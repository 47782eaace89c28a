/** The command {@code howdah sanity}. */
@NullMarked
package dev.howdah.sanity.cli;

import org.jspecify.annotations.NullMarked;
