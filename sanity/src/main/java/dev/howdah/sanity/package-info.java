/**
 * The conformance tool's plain API: what to test, how, and what came of it. Everything a build or a
 * command needs is here; how a check works is in {@code check}, how the operator talks in {@code
 * driver}.
 */
@NullMarked
package dev.howdah.sanity;

import org.jspecify.annotations.NullMarked;
