package dev.howdah.host.guard;

import static dev.howdah.host.guard.GuardAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugin.metrics.MetricType;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsGuardTest {

  private static final String PLUGIN = "metrics.example.com";

  private final MetricsGuard guard = new MetricsGuard();
  private final MetricDefinition size =
      MetricDefinition.gauge("example_database_size_bytes", "Size.", "database");
  private final MetricDefinition calls = MetricDefinition.counter("example_calls_total", "Calls.");

  @Test
  void differentMetricsWithTypesPass() {
    List<MetricDefinition> definitions = List.of(size, calls);

    assertThat(guard.define(PLUGIN, definitions)).isEqualTo(definitions);
    assertThat(guard.define(PLUGIN, definitions)).as("next scrape").isEqualTo(definitions);
  }

  @Test
  @SuppressWarnings("NullAway")
  void aMetricWithoutTypeIsRefused() {
    MetricType forgotten = null;
    MetricDefinition untyped =
        new MetricDefinition("example_x", "", forgotten, List.of(), Map.of());

    assertDefinitionRefused(untyped);
  }

  @Test
  void aMetricDefinedTwiceIsRefused() {
    assertDefinitionRefused(calls, MetricDefinition.gauge(calls.name(), "Again."));
  }

  @Test
  void namesOfTheExporterAreRefused() {
    for (String name : List.of("cnpg_collector_up", "go_threads", "process_x", "promhttp_x")) {
      assertDefinitionRefused(MetricDefinition.gauge(name, ""));
    }
  }

  @Test
  void aNameThatAnotherPluginDefinesIsRefused() {
    guard.define("a.example.com", List.of(calls));

    assertThat(assertDefinitionRefused(calls)).hasMessageContaining("'a.example.com'");
  }

  @Test
  void missingDefinitionsAreRefused() {
    assertDefinitionRefused((MetricDefinition) null);
    assertRefused(PLUGIN, GuardRule.ANSWER_MISSING, () -> guard.define(PLUGIN, null));
  }

  @Test
  void definedSamplesPassWithAnyGauge() {
    List<MetricSample> samples =
        List.of(
            size.sample(Double.NaN, "app"),
            size.sample(Double.POSITIVE_INFINITY, "postgres"),
            size.sample(-1, "template1"),
            calls.sample(0));

    assertThat(guard.collect(PLUGIN, List.of(size, calls), samples)).isEqualTo(samples);
  }

  @Test
  void anUndefinedMetricIsRefused() {
    assertSamplesRefused(new MetricSample("example_other", 1, List.of()));
  }

  @Test
  void theWrongNumberOfLabelValuesIsRefused() {
    assertSamplesRefused(size.sample(1));
    assertSamplesRefused(size.sample(1, "app", "public"));
  }

  @Test
  void aSeriesThatComesTwiceIsRefused() {
    assertSamplesRefused(size.sample(1, "app"), size.sample(2, "app"));
  }

  @Test
  void aCounterThatIsNoCountIsRefused() {
    for (double value : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertSamplesRefused(calls.sample(value));
    }
  }

  @Test
  void tooManySeriesAreRefused() {
    assertSamplesRefused(
        Collections.nCopies(MetricsGuard.MOST_SAMPLES + 1, calls.sample(1))
            .toArray(MetricSample[]::new));
  }

  @Test
  void missingSamplesAreRefused() {
    assertSamplesRefused((MetricSample) null);
    assertRefused(
        PLUGIN, GuardRule.ANSWER_MISSING, () -> guard.collect(PLUGIN, List.of(size), null));
  }

  private GuardViolation assertDefinitionRefused(MetricDefinition... definitions) {
    return assertRefused(
        PLUGIN,
        GuardRule.METRIC_DEFINITION,
        () -> guard.define(PLUGIN, Arrays.asList(definitions)));
  }

  private void assertSamplesRefused(MetricSample... samples) {
    assertRefused(
        PLUGIN,
        GuardRule.METRIC_SAMPLE,
        () -> guard.collect(PLUGIN, List.of(size, calls), Arrays.asList(samples)));
  }
}
