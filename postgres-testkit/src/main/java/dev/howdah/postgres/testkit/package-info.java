/** Real PostgreSQL servers of every supported major, for tests of any module. */
@NullMarked
package dev.howdah.postgres.testkit;

import org.jspecify.annotations.NullMarked;
