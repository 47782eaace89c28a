package dev.howdah.host.sidecar;

import static dev.howdah.host.sidecar.Instances.container;
import static dev.howdah.host.sidecar.Instances.podSpec;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.OperatorObjects;
import dev.howdah.host.cli.Howdah;
import dev.howdah.host.discovery.JarBuilder;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.proto.metrics.CollectMetric;
import dev.howdah.proto.metrics.CollectMetricsRequest;
import dev.howdah.proto.metrics.DefineMetricsRequest;
import dev.howdah.proto.metrics.Metric;
import dev.howdah.proto.metrics.MetricsGrpc;
import dev.howdah.proto.wal.WALArchiveRequest;
import dev.howdah.proto.wal.WALGrpc;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A sidecar that knows nothing but what the patched Pod's JSON says: a process with the container's
 * environment, and a folder for each of its mounts.
 */
@Timeout(300)
class SidecarProcessTest {

  private static final String BUNDLED = "hello-world.howdah.dev";
  private static final String METRICS = "metrics.howdah.dev";
  private static final String DROP_IN = "shelf.example.com";
  private static final int CONNECTIONS = 5;

  @TempDir Path home;

  @Test
  void servesWhatTheOperatorSideInjectedAndEndsInGoodOrder() throws Exception {
    Cluster cluster = Clusters.naming(BUNDLED, METRICS, DROP_IN);
    try (EmbeddedHost operatorSide = operatorSide();
        HostClient client = new HostClient(operatorSide)) {
      byte[] pod =
          new Instances(client::socket)
              .create(cluster, OperatorObjects.json("pod-instance-create"), List.of(BUNDLED));
      JsonNode sidecar = container(podSpec(pod), "initContainers", "howdah");
      Map<String, Path> mounts = folders(sidecar);
      shelf().write(mounts.get("/var/lib/howdah/drop-ins/0").resolve("shelf.jar"));
      // As operator mode writes it; the id is nobody's, which the host then says.
      Files.writeString(
          mounts.get("/etc/howdah/instance").resolve("application.properties"),
          "howdah.plugins.nobody.enabled=true\n");
      Process process = start(sidecar, mounts);
      try {
        awaitReady(process, mounts.get("/tmp").resolve("howdah-ready"));

        assertThat(home.resolve("log")).content().contains("howdah.plugins.nobody is set");
        for (String plugin : List.of(BUNDLED, METRICS, DROP_IN)) {
          Path socket = mounts.get("/plugins").resolve(plugin);
          for (int i = 0; i < CONNECTIONS; i++) {
            assertThat(HostClient.load(client.socket(socket)).metadata().getName())
                .isEqualTo(plugin);
          }
        }
        assertThat(scrape(client.socket(mounts.get("/plugins").resolve(METRICS)), cluster))
            .contains(
                "metrics_howdah_dev_up[] 0.0",
                "metrics_howdah_dev_sidecar_aot_cache[] 0.0",
                "metrics_howdah_dev_sidecar_plugin_ready[%s] 1.0".formatted(BUNDLED),
                "metrics_howdah_dev_sidecar_plugin_ready[%s] 1.0".formatted(DROP_IN),
                "metrics_howdah_dev_sidecar_calls_total[%s, Identity, GetPluginMetadata, OK] %.1f"
                    .formatted(DROP_IN, (double) CONNECTIONS))
            .anyMatch(it -> it.matches("metrics_howdah_dev_sidecar_memory_used_bytes\\[heap] .*"))
            .anyMatch(it -> it.matches("metrics_howdah_dev_sidecar_heap_max_bytes\\[] .*E7"));
        endsWithTheArchiveCall(client, cluster, mounts, process);
      } finally {
        process.destroyForcibly();
      }
    }
  }

  /** As the instance manager does for each scrape: each series with its labels and its value. */
  private static List<String> scrape(ManagedChannel channel, Cluster cluster) {
    var metrics = MetricsGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    List<String> defined =
        metrics
            .define(
                DefineMetricsRequest.newBuilder()
                    .setClusterDefinition(Clusters.bytes(cluster))
                    .build())
            .getMetricsList()
            .stream()
            .map(Metric::getFqName)
            .toList();
    List<CollectMetric> samples =
        metrics
            .collect(
                CollectMetricsRequest.newBuilder()
                    .setClusterDefinition(Clusters.bytes(cluster))
                    .build())
            .getMetricsList();
    assertThat(samples).extracting(CollectMetric::getFqName).isSubsetOf(defined);
    return samples.stream()
        .map(it -> it.getFqName() + it.getVariableLabelsList() + " " + it.getValue())
        .toList();
  }

  /** As the instance manager calls: without a deadline; a signal comes while the call runs. */
  private void endsWithTheArchiveCall(
      HostClient client, Cluster cluster, Map<String, Path> mounts, Process process)
      throws Exception {
    Path controller = mounts.get("/controller");
    ManagedChannel channel = client.socket(mounts.get("/plugins").resolve(DROP_IN));
    CompletableFuture<Boolean> archived = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                WALGrpc.newBlockingStub(channel)
                    .archive(
                        WALArchiveRequest.newBuilder()
                            .setClusterDefinition(ByteString.copyFrom(cluster.toBytes()))
                            .setSourceFileName(controller.resolve("segment").toString())
                            .build());
                archived.complete(true);
              } catch (RuntimeException e) {
                archived.completeExceptionally(e);
              }
            });
    await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(controller.resolve("begun")));
    process.destroy();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.notExists(mounts.get("/tmp").resolve("howdah-ready")));
    assertThat(process.isAlive()).isTrue();
    Files.createFile(controller.resolve("go-on"));

    assertThat(archived.get(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    try (Stream<Path> left = Files.list(mounts.get("/plugins"))) {
      assertThat(left).isEmpty();
    }
  }

  private EmbeddedHost operatorSide() {
    return EmbeddedHost.in(home.resolve("operator"))
        .property("howdah.sidecar.inline.revisions.1.image", "registry.example/howdah:1")
        .property("howdah.sidecar.inline.revisions.1.drop-ins", "registry.example/shelf:1")
        .property("howdah.sidecar.inline.revisions.1.plugins[0].name", BUNDLED)
        .property("howdah.sidecar.inline.revisions.1.plugins[0].id", "hello-world")
        .property("howdah.sidecar.inline.revisions.1.plugins[1].name", DROP_IN)
        .property("howdah.sidecar.inline.revisions.1.plugins[1].id", "shelf")
        .property("howdah.sidecar.inline.revisions.1.plugins[2].name", METRICS)
        .property("howdah.sidecar.inline.revisions.1.plugins[2].id", "metrics")
        .start();
  }

  /** A drop-in whose archive is a folder, and which takes its time. */
  private static JarBuilder shelf() {
    return JarBuilder.jar()
        .manifest("shelf")
        .source(
            JarBuilder.className("shelf"),
            """
            package com.example.shelf;

            import dev.howdah.plugin.*;
            import java.nio.file.*;

            public class It implements Plugin {
              @Override public PluginMetadata metadata() {
                return PluginMetadata.of("shelf.example.com", "1.0.0").description("A test.").build();
              }
              @Override public void register(Hooks hooks) {
                hooks.archiveWal((request, context) -> {
                  try {
                    Path folder = request.source().getParent();
                    Files.createFile(folder.resolve("begun"));
                    // In another process than the test, which has only files to speak by.
                    while (Files.notExists(folder.resolve("go-on"))) {
                      Thread.sleep(20);
                    }
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                });
              }
            }
            """);
  }

  private Map<String, Path> folders(JsonNode sidecar) throws IOException {
    Map<String, Path> volumes = new LinkedHashMap<>();
    Map<String, Path> mounts = new LinkedHashMap<>();
    for (JsonNode mount : sidecar.path("volumeMounts")) {
      String volume = mount.path("name").stringValue();
      if (!volumes.containsKey(volume)) {
        volumes.put(volume, Files.createDirectories(home.resolve("v" + volumes.size())));
      }
      mounts.put(mount.path("mountPath").stringValue(), volumes.get(volume));
    }
    return mounts;
  }

  private Process start(JsonNode sidecar, Map<String, Path> mounts) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-Xss256k",
                "-XX:MaxDirectMemorySize=16m",
                "-XX:ReservedCodeCacheSize=24m",
                "-cp",
                System.getProperty("java.class.path"),
                Howdah.class.getName()));
    sidecar.path("args").forEach(argument -> command.add(argument.stringValue()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(Files.createDirectories(home.resolve("work")).toFile());
    builder.redirectErrorStream(true).redirectOutput(home.resolve("log").toFile());
    builder.environment().clear();
    sidecar
        .path("env")
        .forEach(
            variable ->
                builder
                    .environment()
                    .put(
                        variable.path("name").stringValue(),
                        here(variable.path("value").stringValue(), mounts)));
    return builder.start();
  }

  /** A value of the environment with the container's folders replaced by those of this machine. */
  private static String here(String value, Map<String, Path> mounts) {
    Pattern paths =
        Pattern.compile(
            mounts.keySet().stream()
                .sorted(Comparator.comparing(String::length).reversed())
                .map(Pattern::quote)
                .collect(joining("|", "(?<=^|[:,])(", ")(?=/|,|$)")));
    return paths
        .matcher(value)
        .replaceAll(it -> Matcher.quoteReplacement(String.valueOf(mounts.get(it.group(1)))));
  }

  private void awaitReady(Process process, Path readinessFile) throws IOException {
    try {
      await()
          .atMost(Duration.ofSeconds(120))
          .until(() -> Files.exists(readinessFile) || !process.isAlive());
    } finally {
      assertThat(readinessFile).as(() -> read(home.resolve("log"))).exists();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
