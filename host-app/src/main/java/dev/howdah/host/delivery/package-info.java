/**
 * Writes into Clusters what {@code compose} merged of the plugins' wishes for PostgreSQL
 * parameters, sparingly: when to write, what to leave to whom, and what became of it. Everything
 * that asks plugins for wishes outside of a call belongs here, and nothing that knows the wire.
 */
@NullMarked
package dev.howdah.host.delivery;

import org.jspecify.annotations.NullMarked;
