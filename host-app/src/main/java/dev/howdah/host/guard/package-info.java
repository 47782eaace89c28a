/**
 * Checks on what a plugin answers, so that no answer can hurt the operator or PostgreSQL. A guard
 * takes what a hook returned and either hands on what is safe to send or throws a {@link
 * dev.howdah.host.guard.GuardViolation}; it knows no gRPC and calls no plugin.
 */
@NullMarked
package dev.howdah.host.guard;

import org.jspecify.annotations.NullMarked;
