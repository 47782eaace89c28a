package dev.howdah.plugins.metrics;

import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.configuration.offline.OfflineContext;
import dev.howdah.postgres.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A PostgreSQL as an instance has it, set up as the guide says, and Clusters that name it. */
final class Monitored implements AutoCloseable {

  static final Path GUIDE = Path.of("../../docs/plugins/metrics.md");

  private static final Pattern FUNCTIONS =
      Pattern.compile("<!-- functions -->\\n```sql\\n(.*?)```", Pattern.DOTALL);

  private final PostgresServer server;

  private Monitored(PostgresServer server) {
    this.server = server;
  }

  static Monitored start(int major) {
    PostgresServer server =
        PostgresServer.start(
            major,
            Map.of(
                "shared_preload_libraries", "pg_stat_statements",
                "max_prepared_transactions", "5",
                "wal_level", "logical",
                "track_io_timing", "on",
                "max_slot_wal_keep_size", "1GB",
                "autovacuum", "off"));
    server.execute(
        "postgres",
        // Another test may have had the same server before.
        "DROP DATABASE IF EXISTS app",
        "DROP ROLE IF EXISTS howdah_metrics",
        "CREATE ROLE howdah_metrics LOGIN IN ROLE pg_monitor",
        "CREATE DATABASE app",
        "CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
    return new Monitored(server);
  }

  PostgresServer server() {
    return server;
  }

  /** Makes the guide's functions in a database. */
  void installFunctions(String database) throws IOException {
    Matcher guide = FUNCTIONS.matcher(Files.readString(GUIDE));
    guide.find();
    server.execute(database, guide.group(1));
  }

  Cluster cluster(String... parameters) {
    return cluster(server.socketDirectory(), server.port(), parameters);
  }

  static Cluster cluster(Path socketDirectory, int port, String... parameters) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("socketDirectory", socketDirectory.toString());
    all.put("port", Integer.toString(port));
    for (int i = 0; i < parameters.length; i += 2) {
      all.put(parameters[i], parameters[i + 1]);
    }
    ObjectNode json = new JsonMapper().createObjectNode();
    json.put("kind", "Cluster").put("apiVersion", "postgresql.cnpg.io/v1");
    json.putObject("metadata").put("name", "orders").put("namespace", "app");
    ObjectNode plugin = json.putObject("spec").putArray("plugins").addObject();
    plugin.put("name", MetricsPlugin.NAME).put("enabled", true);
    all.forEach(plugin.putObject("parameters")::put);
    return Cluster.of(json);
  }

  CollectionPlan plan(String... parameters) {
    return plan(cluster(parameters));
  }

  static CollectionPlan plan(Cluster cluster) {
    return CollectionPlan.of(
        new OfflineContext(cluster, MetricsPlugin.NAME).parameters(MetricsParameters.class));
  }

  /** Collects everything once. */
  Scrape scrape(String... parameters) {
    Collector collector = new Collector("app/orders", plan(parameters), System::nanoTime);
    collector.collectDue();
    return Scrape.of(collector);
  }

  @Override
  public void close() {
    server.close();
  }
}
