package dev.howdah.host.guard;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugin.metrics.MetricType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Lets metrics through that the instance's exporter can serve. A metric without a type ends the
 * instance manager, which is PostgreSQL's parent process; a series that comes twice fails the whole
 * scrape; any other mistake loses the metrics of all plugins. Thread-safe.
 *
 * <p>Of values only counters are restricted: finite and not below zero. A gauge may be {@code NaN},
 * which says that there is no value just now, or infinite.
 */
public final class MetricsGuard {

  /** Series that a plugin may have in one scrape; more would not fit into one gRPC message. */
  static final int MOST_SAMPLES = 10_000;

  /** How many names are remembered as belonging to a plugin. */
  private static final int MOST_NAMES = 10_000;

  /** Beginnings of names that the instance's exporter uses itself. */
  private static final List<String> OF_THE_EXPORTER =
      List.of("cnpg_", "go_", "process_", "promhttp_");

  private final Map<String, String> owners = new ConcurrentHashMap<>();

  /**
   * Checks definitions.
   *
   * @param plugin name of the plugin
   * @param definitions what its hook returned
   * @return the definitions, in the hook's order
   * @throws GuardViolation if one is missing, has no type, is there twice, bears a name that is the
   *     exporter's own or another plugin's
   */
  public List<MetricDefinition> define(
      String plugin, @Nullable List<? extends @Nullable MetricDefinition> definitions) {
    if (definitions == null) {
      throw new GuardViolation(
          plugin,
          GuardRule.ANSWER_MISSING,
          "its definition of metrics returned nothing; return a list.");
    }
    Set<String> names = new HashSet<>();
    for (MetricDefinition definition : definitions) {
      if (definition == null) {
        throw broken(plugin, "one of its metric definitions is null; leave it out.");
      }
      checkDefinition(plugin, definition);
      if (!names.add(definition.name())) {
        throw broken(
            plugin,
            "it defines the metric '%s' twice; define it once.".formatted(definition.name()));
      }
    }
    return List.copyOf(definitions);
  }

  private void checkDefinition(String plugin, MetricDefinition definition) {
    String name = definition.name();
    if (isMissing(definition.type())) {
      throw broken(plugin, "its metric '%s' has no type; give one.".formatted(name));
    }
    for (String beginning : OF_THE_EXPORTER) {
      if (name.startsWith(beginning)) {
        throw broken(
            plugin,
            "its metric '%s' begins like the exporter's own; begin it with the plugin's domain."
                .formatted(name));
      }
    }
    String owner = owner(name, plugin);
    if (!owner.equals(plugin)) {
      throw broken(
          plugin,
          "its metric '%s' is one of plugin '%s'; begin it with the plugin's domain."
              .formatted(name, owner));
    }
  }

  /** The record takes null where code that isn't checked for nulls passes it. */
  private static boolean isMissing(@Nullable Object component) {
    return component == null;
  }

  private String owner(String name, String plugin) {
    if (owners.size() >= MOST_NAMES) {
      return owners.getOrDefault(name, plugin);
    }
    String before = owners.putIfAbsent(name, plugin);
    return before == null ? plugin : before;
  }

  /**
   * Checks samples.
   *
   * @param plugin name of the plugin
   * @param definitions what {@link #define} let through for the same Cluster
   * @param samples what the plugin's hook returned
   * @return the samples, in the hook's order
   * @throws GuardViolation if one is missing, undefined, has the wrong number of label values, is
   *     there twice, or is a counter below zero or without a finite value
   */
  public List<MetricSample> collect(
      String plugin,
      List<MetricDefinition> definitions,
      @Nullable List<? extends @Nullable MetricSample> samples) {
    if (samples == null) {
      throw new GuardViolation(
          plugin,
          GuardRule.ANSWER_MISSING,
          "its collection of metrics returned nothing; return a list.");
    }
    if (samples.size() > MOST_SAMPLES) {
      throw wrong(
          plugin,
          "it has more than %d series; use fewer labels or label values.".formatted(MOST_SAMPLES));
    }
    Map<String, MetricDefinition> byName = new HashMap<>();
    definitions.forEach(definition -> byName.put(definition.name(), definition));
    Set<Series> seen = new HashSet<>();
    for (MetricSample sample : samples) {
      if (sample == null) {
        throw wrong(plugin, "one of its samples is null; leave it out.");
      }
      MetricDefinition definition = byName.get(sample.name());
      if (definition == null) {
        throw wrong(plugin, "its metric '%s' is not defined; define it.".formatted(sample.name()));
      }
      checkSample(plugin, definition, sample);
      if (!seen.add(new Series(sample.name(), sample.labelValues()))) {
        throw wrong(
            plugin,
            "its metric '%s' comes twice with the same labels; report each series once."
                .formatted(sample.name()));
      }
    }
    return List.copyOf(samples);
  }

  private static void checkSample(String plugin, MetricDefinition definition, MetricSample sample) {
    int expected = definition.labels().size();
    if (sample.labelValues().size() != expected) {
      throw wrong(
          plugin,
          "its metric '%s' has %d labels and a sample with %d values; give one for each."
              .formatted(sample.name(), expected, sample.labelValues().size()));
    }
    boolean counts = Double.isFinite(sample.value()) && sample.value() >= 0;
    if (definition.type() == MetricType.COUNTER && !counts) {
      throw wrong(
          plugin,
          "its counter '%s' is below zero or not a number; make it a gauge."
              .formatted(sample.name()));
    }
  }

  private static GuardViolation broken(String plugin, String problem) {
    return new GuardViolation(plugin, GuardRule.METRIC_DEFINITION, problem);
  }

  private static GuardViolation wrong(String plugin, String problem) {
    return new GuardViolation(plugin, GuardRule.METRIC_SAMPLE, problem);
  }

  private record Series(String name, List<String> labelValues) {}
}
