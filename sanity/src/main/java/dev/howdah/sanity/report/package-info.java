/** Ways to show what came of a run: for a terminal, a machine, a build server, a pull request. */
@NullMarked
package dev.howdah.sanity.report;

import org.jspecify.annotations.NullMarked;
