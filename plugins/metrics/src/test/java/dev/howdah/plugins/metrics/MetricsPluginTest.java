package dev.howdah.plugins.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugin.registry.MetricsRegistration;
import dev.howdah.plugin.registry.RegisteredHooks;
import dev.howdah.plugins.configuration.offline.OfflineContext;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** The plugin's hooks as the exporter has them called: Define, then Collect, at each scrape. */
@Timeout(60)
class MetricsPluginTest {

  private static Monitored postgres;
  private MetricsPlugin plugin;
  private RegisteredHooks hooks;

  @BeforeAll
  static void startServer() {
    postgres = Monitored.start(17);
  }

  @AfterAll
  static void stopServer() {
    postgres.close();
  }

  @BeforeEach
  void start() {
    plugin = new MetricsPlugin(new SimpleMeterRegistry());
    hooks = HookRegistry.collect(plugin);
    plugin.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    plugin.stop();
  }

  private Scrape scrape(Cluster cluster) {
    OfflineContext context = new OfflineContext(cluster, MetricsPlugin.NAME);
    MetricsRegistration metrics = hooks.metrics().orElseThrow();
    return new Scrape(metrics.define().define(context), metrics.collect().collect(context));
  }

  private Scrape awaitUp(Cluster cluster) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> scrape(cluster),
            scrape ->
                scrape.value("up").orElse(0) == 1
                    && scrape.of("collection_age_seconds").size() == 9);
  }

  @Test
  void scrapesAreAnsweredFromMemory() {
    Cluster cluster = postgres.cluster("intervals", "locks=1h, sessions=1h");
    Scrape first = scrape(cluster);
    assertThat(first.value("up")).hasValue(0);
    assertThat(first.samples()).hasSizeLessThan(20);

    awaitUp(cluster);

    long begun = System.nanoTime();
    Scrape previous = scrape(cluster);
    for (int i = 0; i < 1000; i++) {
      Scrape next = scrape(cluster);
      assertThat(names(next)).isEqualTo(names(previous));
      previous = next;
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20));
    assertThat(previous.value("collection_errors_total", "locks")).hasValue(0);
  }

  private static List<String> names(Scrape scrape) {
    return scrape.samples().stream()
        .map(MetricSample::name)
        .filter(name -> !name.contains("io_"))
        .toList();
  }

  @Test
  void aClusterWhoseParametersChangeIsCollectedAnewAtOnce() {
    awaitUp(postgres.cluster());

    Cluster other =
        postgres.cluster(
            "top",
            "1",
            "queries",
            "[{query: 'SELECT 7 AS shop_seven', metrics: [{name: shop_seven, help: Seven., type:"
                + " gauge}]}]");

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(scrape(other).value("shop_seven")).hasValue(7));
  }

  @Test
  void withoutPostgresThereAreOnlyItsOwnMetrics(@TempDir Path empty) {
    Cluster cluster = Monitored.cluster(empty, 5432);

    Scrape scrape =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> scrape(cluster), it -> !it.of("collection_errors_total").isEmpty());

    assertThat(scrape.value("up")).hasValue(0);
    assertThat(scrape.of("collection_errors_total")).hasSize(9).allMatch(it -> it.value() >= 1);
    assertThat(scrape.samples())
        .allMatch(
            it ->
                it.name()
                    .matches(
                        "metrics_howdah_dev_(up|collection_.*|series_dropped|declared_queries_invalid)"));
  }

  @Test
  void aRoleThatIsNotThereIsOnlyNotUp() {
    Scrape scrape = postgres.scrape("role", "nobody");

    assertThat(scrape.value("up")).hasValue(0);
  }

  @Test
  void aClusterThatDoesNotNameThePluginHasNoMetrics() {
    Cluster without = postgres.cluster().with(json -> json.withObject("/spec").remove("plugins"));

    assertThat(scrape(without).definitions()).isEmpty();
    assertThat(scrape(without).samples()).isEmpty();
  }

  @Test
  void aServerThatHangsEndsTheCollectionAndNoScrape() throws Exception {
    AtomicLong time = new AtomicLong(System.nanoTime());
    CollectionPlan plan =
        postgres.plan("queryTimeout", "100ms", "without", "bloat, sequences, vacuum");
    Collector collector = new Collector("app/orders", plan, time::get);
    collector.collectDue();
    assertThat(Scrape.of(collector).value("up")).hasValue(1);
    time.addAndGet(Duration.ofMinutes(2).toNanos());
    signal("STOP");
    try {
      long begun = System.nanoTime();
      collector.collectDue();

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
      assertThat(Scrape.of(collector).value("up")).hasValue(0);
      assertThat(Scrape.of(collector).of("blocked_sessions")).isEmpty();
    } finally {
      signal("CONT");
    }
    time.addAndGet(Duration.ofMinutes(2).toNanos());

    collector.collectDue();

    assertThat(Scrape.of(collector).value("up")).hasValue(1);
    assertThat(Scrape.of(collector).value("collection_errors_total", "locks")).hasValue(1);
    assertThat(Scrape.of(collector).of("blocked_sessions")).isNotEmpty();
  }

  private static void signal(String name) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(postgres.server().processId()))
            .start();
    assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }

  @Test
  void groupsAreCollectedWhenTheirTimeHasComeAndOldValuesAreLeftOut() {
    AtomicLong time = new AtomicLong(System.nanoTime());
    Collector collector =
        new Collector("app/orders", postgres.plan("intervals", "locks=30s"), time::get);
    collector.collectDue();
    postgres.server().execute("postgres", "CREATE DATABASE later");
    try {
      time.addAndGet(Duration.ofSeconds(29).toNanos());
      collector.collectDue();
      assertThat(Scrape.of(collector).value("blocked_sessions", "later")).isEmpty();
      assertThat(Scrape.of(collector).value("collection_age_seconds", "locks").orElseThrow())
          .isEqualTo(29);

      time.addAndGet(Duration.ofSeconds(1).toNanos());
      collector.collectDue();
      assertThat(Scrape.of(collector).value("blocked_sessions", "later")).hasValue(0);
      assertThat(Scrape.of(collector).value("collection_age_seconds", "locks").orElseThrow())
          .isZero();
      assertThat(Scrape.of(collector).value("xid_left", "later")).isEmpty();

      time.addAndGet(Duration.ofMinutes(10).toNanos());
      assertThat(Scrape.of(collector).of("blocked_sessions")).isEmpty();
      assertThat(Scrape.of(collector).value("collection_age_seconds", "locks")).hasValue(600);
    } finally {
      postgres.server().execute("postgres", "DROP DATABASE later");
    }
  }

  @Test
  void onlyTheDatabasesOfTheClusterAreLookedInto() {
    assertThat(postgres.scrape("databases", "app").of("dead_rows"))
        .extracting(sample -> sample.labelValues().getFirst())
        .containsExactly("app");
    assertThat(postgres.scrape().of("dead_rows"))
        .extracting(sample -> sample.labelValues().getFirst())
        .containsExactly("app", "postgres");
  }

  // --- validation

  private List<ValidationFinding> validate(Cluster cluster) throws Exception {
    return hooks
        .validateCreate()
        .orElseThrow()
        .validate(new OfflineContext(cluster, MetricsPlugin.NAME));
  }

  private static Cluster withIdent(Cluster cluster, String line) {
    return cluster.with(
        json ->
            ((ObjectNode) json.path("spec"))
                .putObject("postgresql")
                .putArray("pg_ident")
                .add(line));
  }

  @Test
  void warnsOfARoleThatNobodyIsLetInAs() throws Exception {
    assertThat(validate(postgres.cluster()))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(ValidationFinding.Severity.WARNING);
              assertThat(finding.message()).contains("\"local postgres howdah_metrics\"");
            });
    assertThat(validate(withIdent(postgres.cluster(), "local postgres howdah_metrics"))).isEmpty();
    assertThat(validate(withIdent(postgres.cluster(), "local postgres another"))).hasSize(1);
    assertThat(validate(postgres.cluster("role", "cnpg_metrics_exporter"))).isEmpty();
  }

  @Test
  void refusesWrongQueriesWithTheirPath() throws Exception {
    Cluster cluster = postgres.cluster("role", "postgres", "queries", "- query: DROP TABLE job");

    assertThat(validate(cluster))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(ValidationFinding.Severity.ERROR);
              assertThat(finding.path())
                  .containsExactly("spec", "plugins", "0", "parameters", "queries");
              assertThat(finding.message()).startsWith("queries[0].query must begin with SELECT");
            });
  }

  @Test
  void aTimeLimitThatIsNoneIsRefusedAndNotUsed() throws Exception {
    Cluster cluster = postgres.cluster("role", "postgres", "queryTimeout", "0s");

    assertThat(validate(cluster))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.message())
                    .isEqualTo("queryTimeout must be between 100ms and 1m."));
    assertThat(Monitored.plan(cluster).parameters().statementLimit())
        .isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void wrongQueriesOnALiveClusterAreCountedAndLoseNothingElse() {
    Scrape scrape = postgres.scrape("queries", "- query: DROP TABLE job");

    assertThat(scrape.value("declared_queries_invalid")).hasValue(1);
    assertThat(scrape.value("blocked_sessions", "app")).hasValue(0);
  }
}
