/**
 * What a plugin is. {@link dev.howdah.plugin.Plugin} says who it is and registers what it does in
 * one place; the host does everything else: transport security, routing, capabilities, patches,
 * limits, metrics, audit.
 *
 * <p>Types of one protocol service live in a package of their own ({@code lifecycle}, {@code wal},
 * …); here are those that every plugin meets.
 */
@NullMarked
package dev.howdah.plugin;

import org.jspecify.annotations.NullMarked;
