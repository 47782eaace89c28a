/** The checks as JUnit tests, for the build of a plugin written for the JVM. */
@NullMarked
package dev.howdah.sanity.junit;

import org.jspecify.annotations.NullMarked;
