package dev.howdah.plugins.logging;

import java.util.SortedMap;

/**
 * What the Cluster's status says about the plugin: a function of the Cluster's definition, so the
 * verbose window is named but not whether it is open.
 *
 * @param preset the preset, or {@code none}
 * @param verboseUntil the end of the verbose window; empty if there is none
 * @param settings each parameter outside the window, with its value and where it comes from
 */
record LoggingStatus(String preset, String verboseUntil, SortedMap<String, String> settings) {}
