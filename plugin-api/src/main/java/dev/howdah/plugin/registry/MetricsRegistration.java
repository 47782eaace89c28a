package dev.howdah.plugin.registry;

import dev.howdah.plugin.metrics.MetricsCollectionHook;
import dev.howdah.plugin.metrics.MetricsDefinitionHook;

/** The two hooks of metrics. */
public record MetricsRegistration(MetricsDefinitionHook define, MetricsCollectionHook collect) {}
