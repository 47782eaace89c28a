package dev.howdah.plugin.metrics;

/** The kinds of metric that CNPG-I can carry; it has no histograms or summaries. */
public enum MetricType {
  /** Only grows, until the process restarts. */
  COUNTER,
  /** Goes up and down. */
  GAUGE,
  /** Not said. */
  UNTYPED
}
