/**
 * The host: a Spring Boot application that carries plugins. Each package below is a room of the
 * house; this one only holds the way in.
 */
@NullMarked
package dev.howdah.host;

import org.jspecify.annotations.NullMarked;
