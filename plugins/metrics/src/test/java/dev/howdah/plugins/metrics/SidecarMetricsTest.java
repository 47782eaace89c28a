package dev.howdah.plugins.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugin.registry.MetricsRegistration;
import dev.howdah.plugins.configuration.offline.OfflineContext;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From the registry's meters, as the host names them, to the exporter's series. */
class SidecarMetricsTest {

  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final SidecarMetrics sidecar = new SidecarMetrics(meters);

  private Scrape scrape() {
    return new Scrape(SidecarMetrics.DEFINITIONS, sidecar.samples());
  }

  private void gauge(String name, double value, String... tags) {
    Gauge.builder(name, () -> value).tags(tags).register(meters);
  }

  @Test
  void aTimerOfCallsIsTheirNumberTheirTimeAndTheLongest() {
    var timer =
        meters.timer(
            "howdah.calls", "plugin", "shelf", "service", "WAL", "method", "Archive", "code", "OK");
    timer.record(Duration.ofMillis(250));
    timer.record(Duration.ofMillis(750));

    String[] labels = {"shelf", "WAL", "Archive", "OK"};
    assertThat(scrape().value("sidecar_calls_total", labels)).hasValue(2);
    assertThat(scrape().value("sidecar_calls_seconds_total", labels)).hasValue(1);
    assertThat(scrape().value("sidecar_calls_max_seconds", labels)).hasValue(0.75);
  }

  @Test
  void metersThatDifferInOtherTagsAreSummedUp() {
    gauge("jvm.memory.used", 20, "area", "heap", "id", "Eden Space");
    gauge("jvm.memory.used", 30, "area", "heap", "id", "Tenured Gen");
    gauge("jvm.memory.used", 7, "area", "nonheap", "id", "Metaspace");

    assertThat(scrape().value("sidecar_memory_used_bytes", "heap")).hasValue(50);
    assertThat(scrape().value("sidecar_memory_used_bytes", "nonheap")).hasValue(7);
  }

  @Test
  void onlyTheHeapHasALimitAndAPartWithoutOneDoesNotCount() {
    gauge("jvm.memory.max", 64, "area", "heap", "id", "Tenured Gen");
    gauge("jvm.memory.max", -1, "area", "heap", "id", "Eden Space");
    gauge("jvm.memory.max", 16, "area", "nonheap", "id", "CodeCache");

    assertThat(scrape().samples()).hasSize(1);
    assertThat(scrape().value("sidecar_heap_max_bytes")).hasValue(64);
  }

  @Test
  void ofAPluginsStatesReadyIsTold() {
    gauge("howdah.plugin.state", 1, "plugin", "good", "state", "ready");
    gauge("howdah.plugin.state", 0, "plugin", "good", "state", "failed");
    gauge("howdah.plugin.state", 0, "plugin", "broken", "state", "ready");
    gauge("howdah.plugin.state", 1, "plugin", "broken", "state", "failed");

    assertThat(scrape().of("sidecar_plugin_ready"))
        .extracting(MetricSample::labelValues)
        .containsExactly(List.of("broken"), List.of("good"));
    assertThat(scrape().value("sidecar_plugin_ready", "good")).hasValue(1);
    assertThat(scrape().value("sidecar_plugin_ready", "broken")).hasValue(0);
  }

  @Test
  void countersOfBothKindsAreRead() {
    FunctionCounter.builder("howdah.plugin.demotions", this, it -> 3)
        .tag("plugin", "good")
        .register(meters);
    meters.counter("howdah.guard.violations", "plugin", "good", "rule", "metric-type").increment();

    assertThat(scrape().value("sidecar_plugin_demotions_total", "good")).hasValue(3);
    assertThat(scrape().value("sidecar_guard_violations_total", "good", "metric-type")).hasValue(1);
  }

  @Test
  void whatIsNotListedStaysInside() {
    meters.counter("shelf.books").increment();
    gauge("howdah.leader", 1);

    assertThat(scrape().samples()).isEmpty();
  }

  @Test
  void aClusterCanDoWithout() {
    gauge("howdah.jvm.aot.cache", 1);

    assertThat(scrape("true").value("sidecar_aot_cache")).hasValue(1);
    assertThat(scrape("false").definitions())
        .extracting(MetricDefinition::name)
        .isNotEmpty()
        .noneMatch(name -> name.contains("sidecar"));
    assertThat(scrape("false").of("sidecar_aot_cache")).isEmpty();
  }

  /** As the exporter has the plugin's hooks called, without any PostgreSQL. */
  private Scrape scrape(String sidecar) {
    MetricsRegistration metrics =
        HookRegistry.collect(new MetricsPlugin(meters)).metrics().orElseThrow();
    OfflineContext context =
        new OfflineContext(
            Monitored.cluster(Path.of("/nowhere"), 5432, "sidecar", sidecar), MetricsPlugin.NAME);
    return new Scrape(metrics.define().define(context), metrics.collect().collect(context));
  }
}
