/**
 * The plugin audit.howdah.dev: watches what the operator is about to do for a Cluster and puts it
 * into the host's trail. It only looks; the one thing it changes is PostgreSQL's own audit setting,
 * when a Cluster asks for that.
 */
@NullMarked
package dev.howdah.plugins.audit;

import org.jspecify.annotations.NullMarked;
