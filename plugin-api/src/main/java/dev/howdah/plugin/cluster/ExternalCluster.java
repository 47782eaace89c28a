package dev.howdah.plugin.cluster;

import java.util.Optional;

/**
 * An entry of {@code spec.externalClusters}.
 *
 * @param name its name, by which {@code bootstrap} and {@code replica} refer to it
 * @param plugin the plugin that provides it, if one does
 */
public record ExternalCluster(String name, Optional<PluginEntry> plugin) {}
