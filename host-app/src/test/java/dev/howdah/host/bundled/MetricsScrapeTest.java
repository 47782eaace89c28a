package dev.howdah.host.bundled;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.postgres.testkit.PostgresServer;
import dev.howdah.proto.metrics.CollectMetric;
import dev.howdah.proto.metrics.CollectMetricsRequest;
import dev.howdah.proto.metrics.DefineMetricsRequest;
import dev.howdah.proto.metrics.Metric;
import dev.howdah.proto.metrics.MetricType;
import dev.howdah.proto.metrics.MetricsGrpc;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.node.ObjectNode;

/**
 * Scrapes of the metrics plugin as the exporter makes them: over its socket, Define then Collect.
 */
@Timeout(90)
class MetricsScrapeTest {

  private static final String METRICS = "metrics.howdah.dev";

  private static Path home;
  private static PostgresServer postgres;
  private static EmbeddedHost host;
  private static HostClient client;

  @BeforeAll
  static void start() throws IOException {
    postgres = PostgresServer.start(17, Map.of());
    postgres.execute("postgres", "CREATE ROLE howdah_metrics LOGIN IN ROLE pg_monitor");
    home = Files.createTempDirectory("hm");
    host = EmbeddedHost.in(home).start();
    client = new HostClient(host);
  }

  @AfterAll
  static void stop() throws IOException {
    client.close();
    host.close();
    postgres.close();
    FileSystemUtils.deleteRecursively(home);
  }

  private static Cluster cluster() {
    return Clusters.naming(METRICS)
        .with(
            json ->
                ((ObjectNode) json.path("spec").path("plugins").get(0))
                    .putObject("parameters")
                    .put("socketDirectory", postgres.socketDirectory().toString())
                    .put("port", Integer.toString(postgres.port()))
                    .put("intervals", "locks=5s"));
  }

  private static List<CollectMetric> scrape(MetricsGrpc.MetricsBlockingStub metrics) {
    ByteString cluster = Clusters.bytes(cluster());
    Map<String, Metric> defined =
        metrics
            .define(DefineMetricsRequest.newBuilder().setClusterDefinition(cluster).build())
            .getMetricsList()
            .stream()
            .collect(Collectors.toMap(Metric::getFqName, Function.identity()));
    assertThat(defined.values())
        .allMatch(metric -> metric.getValueType().getType() != MetricType.Type.TYPE_UNSPECIFIED);
    List<CollectMetric> samples =
        metrics
            .collect(CollectMetricsRequest.newBuilder().setClusterDefinition(cluster).build())
            .getMetricsList();
    Set<List<Object>> series = new HashSet<>();
    for (CollectMetric sample : samples) {
      Metric metric = defined.get(sample.getFqName());
      assertThat(metric).as(sample.getFqName()).isNotNull();
      assertThat(sample.getVariableLabelsCount()).isEqualTo(metric.getVariableLabelsCount());
      assertThat(series.add(List.of(sample.getFqName(), sample.getVariableLabelsList()))).isTrue();
    }
    return samples;
  }

  private static boolean has(List<CollectMetric> samples, String name, double value) {
    return samples.stream()
        .anyMatch(
            it -> it.getFqName().equals("metrics_howdah_dev_" + name) && it.getValue() == value);
  }

  @Test
  void scrapesOverTheSocketAgreeWithTheirDefinitionsFromTheFirstOn() {
    ManagedChannel channel = client.socket(METRICS);
    MetricsGrpc.MetricsBlockingStub metrics =
        MetricsGrpc.newBlockingStub(channel).withDeadlineAfter(Duration.ofSeconds(80));

    assertThat(scrape(metrics)).isNotEmpty();
    Awaitility.await()
        .atMost(Duration.ofSeconds(40))
        .until(() -> has(scrape(metrics), "blocking_sessions", 0));
    for (int i = 0; i < 100; i++) {
      List<CollectMetric> samples = scrape(metrics);
      assertThat(has(samples, "up", 1)).isTrue();
      assertThat(samples).hasSizeGreaterThan(50);
    }
  }
}
