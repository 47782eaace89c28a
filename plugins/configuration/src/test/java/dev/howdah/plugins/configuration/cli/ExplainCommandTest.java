package dev.howdah.plugins.configuration.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.postgres.testkit.PostgresServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExplainCommandTest {

  private static final String CLUSTER =
      """
      apiVersion: v1
      kind: Secret
      metadata: {name: other}
      ---
      apiVersion: postgresql.cnpg.io/v1
      kind: Cluster
      metadata: {name: orders, namespace: app}
      spec:
        instances: 3
        imageName: ghcr.io/cloudnative-pg/postgresql:16.10
        storage: {size: 100Gi}
        resources: {limits: {memory: 8Gi, cpu: 4}}
        plugins:
          - name: configuration.howdah.dev
            parameters: {profile: oltp}
        postgresql:
          parameters:
            work_mem: 8MB
      """;

  @TempDir Path folder;
  private Path manifest;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writeManifest() throws IOException {
    manifest = Files.writeString(folder.resolve("cluster.yaml"), CLUSTER);
  }

  @Test
  void printsATableForPeople() {
    assertThat(run("-f", manifest.toString())).isZero();

    assertThat(out.toString())
        .contains("app/orders (PostgreSQL 16), plan sha256:")
        .containsPattern("shared_buffers +\\(128MB\\) +2GB +profile oltp +yes +1/4 of memory")
        .containsPattern("work_mem +8MB += +user +no +written in the Cluster");
  }

  @Test
  void printsJsonForPrograms() {
    assertThat(run("-f", manifest.toString(), "-o", "json")).isZero();

    JsonNode cluster = JsonMapper.shared().readTree(out.toString()).path("clusters").path(0);
    assertThat(cluster.path("postgres").intValue()).isEqualTo(16);
    JsonNode buffers = parameter(cluster, "shared_buffers");
    assertThat(buffers.path("new").stringValue()).isEqualTo("2GB");
    assertThat(buffers.path("restart").booleanValue()).isTrue();
    assertThat(parameter(cluster, "work_mem").path("source").stringValue()).isEqualTo("user");
  }

  @Test
  void tellsWhatAClusterOfAnApiServerDoesntHave() throws IOException {
    Path exported =
        Files.writeString(
            folder.resolve("exported.yaml"),
            CLUSTER
                .replace("namespace: app}", "namespace: app, resourceVersion: '17'}")
                .replace("work_mem: 8MB", "effective_cache_size: 6GB"));

    assertThat(run("-f", exported.toString(), "-o", "json")).isZero();
    JsonNode cluster = JsonMapper.shared().readTree(out.toString()).path("clusters").path(0);
    assertThat(cluster.path("drift").valueStream().map(JsonNode::stringValue))
        .contains("shared_buffers", "work_mem")
        .doesNotContain("effective_cache_size");
    out.getBuffer().setLength(0);
    assertThat(run("-f", exported.toString())).isZero();
    assertThat(out.toString()).containsPattern("drift: .*shared_buffers");
    out.getBuffer().setLength(0);
    assertThat(run("-f", manifest.toString())).isZero();
    assertThat(out.toString()).doesNotContain("drift:");
  }

  @Test
  void sameInputGivesSameBytes() {
    run("-f", manifest.toString(), "-o", "json");
    String first = out.toString();
    out.getBuffer().setLength(0);
    run("-f", manifest.toString(), "-o", "json");

    assertThat(out.toString()).isEqualTo(first);
  }

  @Test
  void failsAsALinterOnWrongParametersAndBrokenPolicies() throws IOException {
    Path wrong =
        Files.writeString(
            folder.resolve("wrong.yaml"), CLUSTER.replace("work_mem: 8MB", "work_memm: 8MB"));
    Path host =
        Files.writeString(
            folder.resolve("host.yaml"),
            "howdah: {plugins: {configuration: {policies: [{name: b, action: warn, cluster:"
                + " {backup: {required: true}}}]}}}");

    assertThat(run("-f", wrong.toString())).isEqualTo(1);
    assertThat(out.toString()).contains("did you mean 'work_mem'?");
    assertThat(run("-f", manifest.toString(), "-c", host.toString())).isZero();
    assertThat(run("-f", manifest.toString(), "-c", host.toString(), "--strict")).isEqualTo(1);
  }

  @Test
  void saysWhatItCanNotRead() throws IOException {
    assertThat(run("-f", folder.resolve("none.yaml").toString())).isEqualTo(2);
    assertThat(run("-f", Files.writeString(folder.resolve("x.yaml"), "a: 1").toString()))
        .isEqualTo(2);
    assertThat(run("-f", manifest.toString(), "--live", "secret=")).isEqualTo(2);
    assertThat(run("-f", manifest.toString(), "-o", "xml")).isEqualTo(2);
    assertThat(err.toString()).contains("No Cluster of postgresql.cnpg.io").contains("none.yaml");
  }

  @Test
  void comparesWithTheRunningServer() throws Exception {
    try (PostgresServer server =
        PostgresServer.start(16, Map.of("work_mem", "8MB", "max_connections", "300"))) {
      try (Connection connection = server.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("alter system set shared_buffers = '2GB'");
        statement.execute("select pg_reload_conf()");
        awaitPendingRestart(statement);
      }

      int exit = run("-f", manifest.toString(), "-o", "json", "--live", server.url());

      JsonNode cluster = JsonMapper.shared().readTree(out.toString()).path("clusters").path(0);
      assertThat(exit).isEqualTo(1);
      assertThat(parameter(cluster, "work_mem").path("live").path("differs").booleanValue())
          .isFalse();
      assertThat(parameter(cluster, "max_connections").path("live").path("differs").booleanValue())
          .isFalse();
      JsonNode buffers = parameter(cluster, "shared_buffers").path("live");
      assertThat(buffers.path("differs").booleanValue()).isTrue();
      assertThat(buffers.path("pendingRestart").booleanValue()).isTrue();
      assertThat(parameter(cluster, "work_mem").path("live").path("source").stringValue())
          .isEqualTo("configuration file");
    }
  }

  @Test
  void takesConnectionStringsInEveryUsualForm() throws Exception {
    try (PostgresServer server = PostgresServer.start(16, Map.of())) {
      String port = server.url().replaceFirst(".*:(\\d+)/.*", "$1");

      for (String connection :
          new String[] {
            "postgresql://postgres@127.0.0.1:" + port + "/postgres",
            "host=127.0.0.1 port=" + port + " user='postgres' dbname=postgres"
          }) {
        assertThat(LiveServer.of(connection, Map.of()).settings())
            .as(connection)
            .containsKey("work_mem");
      }
      assertThat(
              LiveServer.of("host=127.0.0.1 port=" + port, Map.of("PGUSER", "postgres")).settings())
          .containsKey("work_mem");
    }
  }

  private static void awaitPendingRestart(Statement statement) {
    Awaitility.await()
        .until(
            () -> {
              try (var rows =
                  statement.executeQuery(
                      "select pending_restart from pg_settings where name = 'shared_buffers'")) {
                return rows.next() && rows.getBoolean(1);
              }
            });
  }

  private static JsonNode parameter(JsonNode cluster, String name) {
    for (JsonNode parameter : cluster.path("parameters")) {
      if (parameter.path("name").stringValue().equals(name)) {
        return parameter;
      }
    }
    throw new AssertionError("No " + name + " in " + cluster);
  }

  private int run(String... arguments) {
    return new CommandLine(new ExplainCommand(Map.of()))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
