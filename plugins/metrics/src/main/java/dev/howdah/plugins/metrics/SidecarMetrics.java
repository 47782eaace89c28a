package dev.howdah.plugins.metrics;

import static java.util.stream.Collectors.groupingBy;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugins.metrics.query.MetricQuery;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * How the host does that this plugin runs in: a list of its meters, read from the registry that
 * every plugin may have. In an instance they have no other way out, as nothing answers HTTP there.
 *
 * <p>The names are the plugin's, not those of the host's own page: an alert on a host that is gone
 * must not be kept quiet by sidecars that are there. Thread-safe.
 */
final class SidecarMetrics {

  private static final String PREFIX = MetricQuery.PREFIX + "sidecar_";

  /** What is exported; any other meter isn't. The protocol has no histograms. */
  private static final List<Exported> EXPORTED =
      List.of(
          gauge(
              "howdah.jvm.aot.cache",
              "aot_cache",
              "1 if the sidecar's JVM runs from an AOT cache; without one it starts slowly."),
          gauge(
              "jvm.memory.used",
              "memory_used_bytes",
              "Memory that the sidecar's JVM uses, by area: heap, nonheap.",
              "area"),
          gauge(
                  "jvm.memory.max",
                  "heap_max_bytes",
                  "How far the heap of the sidecar's JVM can grow.")
              .where("area", "heap"),
          gauge(
                  "howdah.plugin.state",
                  "plugin_ready",
                  "1 if the plugin serves in the sidecar, else 0; its log says why.",
                  "plugin")
              .where("state", "ready"),
          gauge("howdah.plugin.inflight", "plugin_inflight", "Hooks that run.", "plugin"),
          gauge(
              "howdah.plugin.waiting", "plugin_waiting", "Hooks that wait for a thread.", "plugin"),
          gauge(
              "howdah.plugin.stuck",
              "plugin_stuck",
              "Hooks that go on although nobody waits for them.",
              "plugin"),
          counter(
              "howdah.plugin.demotions",
              "plugin_demotions_total",
              "Hooks that used too much processor time and went on at the lowest priority.",
              "plugin"),
          calls("calls_total", "Calls of plugins in the sidecar.", MetricDefinition::counter)
              .by(meter -> timer(meter, Timer::count)),
          calls("calls_seconds_total", "Time that these calls took.", MetricDefinition::counter)
              .by(meter -> timer(meter, it -> it.totalTime(TimeUnit.SECONDS))),
          calls(
                  "calls_max_seconds",
                  "The longest of them in the last minutes.",
                  MetricDefinition::gauge)
              .by(meter -> timer(meter, it -> it.max(TimeUnit.SECONDS))),
          counter(
              "howdah.hook.failures",
              "hook_failures_total",
              "Hooks that failed; a WAL file that isn't in the archive is of kind not-found.",
              "plugin",
              "rpc",
              "kind",
              "answered"),
          counter(
              "howdah.guard.violations",
              "guard_violations_total",
              "Answers that were refused since they would have hurt.",
              "plugin",
              "rule"),
          counter(
              "howdah.calls.refused",
              "calls_refused_total",
              "Calls that reached no plugin.",
              "reason"),
          counter(
              "howdah.connections.refused",
              "connections_refused_total",
              "Connections that were turned away before any call.",
              "reason"));

  static final List<MetricDefinition> DEFINITIONS =
      EXPORTED.stream().map(Exported::metric).toList();

  private static final Map<String, List<Exported>> BY_METER =
      EXPORTED.stream().collect(groupingBy(Exported::meter));

  private final MeterRegistry meters;

  /**
   * Makes it; nothing is read yet.
   *
   * @param meters the registry that the host shares
   */
  SidecarMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  /**
   * A meter that is exported.
   *
   * @param meter its name
   * @param where tags and the values they must have
   * @param value what is read of it
   * @param metric what it is exported as; its labels are the tags of the same names, and meters
   *     that differ in other tags are summed up
   */
  private record Exported(
      String meter,
      Map<String, String> where,
      ToDoubleFunction<Meter> value,
      MetricDefinition metric) {

    Exported where(String tag, String tagValue) {
      return new Exported(meter, Map.of(tag, tagValue), value, metric);
    }

    Exported by(ToDoubleFunction<Meter> other) {
      return new Exported(meter, where, other, metric);
    }

    boolean includes(Meter.Id id) {
      return where.entrySet().stream()
          .allMatch(tag -> tag.getValue().equals(id.getTag(tag.getKey())));
    }

    List<String> labelValues(Meter.Id id) {
      return metric.labels().stream()
          .map(label -> Objects.requireNonNullElse(id.getTag(label), ""))
          .toList();
    }
  }

  private interface Kind {
    MetricDefinition define(String name, String help, String... labels);
  }

  private static Exported gauge(String meter, String name, String help, String... labels) {
    return exported(meter, MetricDefinition.gauge(PREFIX + name, help, labels));
  }

  private static Exported counter(String meter, String name, String help, String... labels) {
    return exported(meter, MetricDefinition.counter(PREFIX + name, help, labels));
  }

  private static Exported calls(String name, String help, Kind kind) {
    return exported(
        "howdah.calls", kind.define(PREFIX + name, help, "plugin", "service", "method", "code"));
  }

  private static Exported exported(String meter, MetricDefinition metric) {
    return new Exported(meter, Map.of(), SidecarMetrics::value, metric);
  }

  private static double value(Meter meter) {
    return switch (meter) {
      case Gauge gauge -> gauge.value();
      case Counter counter -> counter.count();
      case FunctionCounter counter -> counter.count();
      default -> Double.NaN;
    };
  }

  private static double timer(Meter meter, ToDoubleFunction<Timer> value) {
    return meter instanceof Timer timer ? value.applyAsDouble(timer) : Double.NaN;
  }

  /** What the meters say now, in the order of the definitions, then of the labels. */
  List<MetricSample> samples() {
    Map<String, Map<List<String>, Double>> values = new HashMap<>();
    for (Meter meter : meters.getMeters()) {
      Meter.Id id = meter.getId();
      for (Exported exported : BY_METER.getOrDefault(id.getName(), List.of())) {
        double value = exported.includes(id) ? exported.value().applyAsDouble(meter) : Double.NaN;
        // Below zero is the JVM's way to say that there is no limit.
        if (Double.isFinite(value) && value >= 0) {
          values
              .computeIfAbsent(exported.metric().name(), name -> new HashMap<>())
              .merge(exported.labelValues(id), value, Double::sum);
        }
      }
    }
    List<MetricSample> samples = new ArrayList<>();
    for (MetricDefinition metric : DEFINITIONS) {
      values.getOrDefault(metric.name(), Map.of()).entrySet().stream()
          .map(series -> new MetricSample(metric.name(), series.getValue(), series.getKey()))
          .sorted(Collector.BY_LABELS)
          .forEach(samples::add);
    }
    return List.copyOf(samples);
  }
}
