package dev.howdah.plugin.metrics;

import dev.howdah.plugin.HookContext;
import java.util.List;

/**
 * Collects values, behind {@code Metrics.Collect}, at each scrape of the instance's exporter.
 * Should be quick: a slow one holds up the whole scrape. If a part can't be had it gives the rest.
 */
@FunctionalInterface
public interface MetricsCollectionHook {

  /** Collects samples of defined metrics, each combination of labels at most once. */
  List<MetricSample> collect(HookContext context);
}
