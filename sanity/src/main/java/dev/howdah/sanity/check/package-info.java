/** The checks themselves, one class for each area, and what they are written with. */
@NullMarked
package dev.howdah.sanity.check;

import org.jspecify.annotations.NullMarked;
