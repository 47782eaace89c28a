package dev.howdah.host.discovery;

import dev.howdah.plugin.Plugin;

/**
 * A plugin's object and what it lives in.
 *
 * @param plugin the plugin
 * @param classLoader the loader of its code
 * @param home closed after the plugin has stopped
 */
public record PluginInstance(Plugin plugin, ClassLoader classLoader, AutoCloseable home) {}
