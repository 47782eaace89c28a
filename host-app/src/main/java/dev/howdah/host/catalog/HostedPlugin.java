package dev.howdah.host.catalog;

import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.registry.Capabilities;
import dev.howdah.plugin.registry.RegisteredHooks;

/**
 * A plugin that has been started: all that answering its calls takes. Immutable.
 *
 * @param metadata who it says it is
 * @param hooks what it registered
 * @param capabilities what it declares in the host's mode
 * @param threads where its hooks run
 * @param classLoader the loader of its code, the context class loader of its hooks
 */
public record HostedPlugin(
    PluginMetadata metadata,
    RegisteredHooks hooks,
    Capabilities capabilities,
    PluginThreads threads,
    ClassLoader classLoader) {}
