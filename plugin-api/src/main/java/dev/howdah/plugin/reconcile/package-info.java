/** The operator's reconcile loop: hooks before and after it, and observers of it. */
@NullMarked
package dev.howdah.plugin.reconcile;

import org.jspecify.annotations.NullMarked;
