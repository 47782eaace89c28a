/**
 * Talks to a plugin as the operator does: connections, requests, objects, patches. Knows no check.
 */
@NullMarked
package dev.howdah.sanity.driver;

import org.jspecify.annotations.NullMarked;
