/**
 * The host: a Spring Boot application that carries plugins. Each package below is a room of the
 * house; this one holds what is about all of them: how they are put together, the host's start and
 * stop, and what is said of a start that fails.
 */
@NullMarked
package dev.howdah.host;

import org.jspecify.annotations.NullMarked;
