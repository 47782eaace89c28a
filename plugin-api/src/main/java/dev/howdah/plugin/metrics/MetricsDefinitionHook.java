package dev.howdah.plugin.metrics;

import dev.howdah.plugin.HookContext;
import java.util.List;

/** Says which metrics there may be, behind {@code Metrics.Define}; asked before each collection. */
@FunctionalInterface
public interface MetricsDefinitionHook {

  /** Defines the metrics for {@link HookContext#cluster()}. */
  List<MetricDefinition> define(HookContext context);
}
