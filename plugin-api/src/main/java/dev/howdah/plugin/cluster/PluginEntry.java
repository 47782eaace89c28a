package dev.howdah.plugin.cluster;

import java.util.List;
import java.util.Map;

/**
 * A plugin as a Cluster names it, in {@code spec.plugins} or {@code externalClusters[].plugin}.
 *
 * @param name the plugin's name
 * @param enabled false only if the Cluster says so
 * @param walArchiver {@code isWALArchiver}; false if absent
 * @param parameters what the Cluster gives the plugin
 * @param path where the entry stands, from the Cluster's root
 */
public record PluginEntry(
    String name,
    boolean enabled,
    boolean walArchiver,
    Map<String, String> parameters,
    List<String> path) {}
