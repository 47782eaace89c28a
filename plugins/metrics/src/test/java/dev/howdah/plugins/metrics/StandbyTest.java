package dev.howdah.plugins.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugins.metrics.catalogue.BuiltIn;
import dev.howdah.plugins.metrics.query.MetricQuery;
import dev.howdah.postgres.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a standby has to say: what is its own, and not what the primary says already. */
@Timeout(90)
class StandbyTest {

  @Test
  void aStandbyLeavesOutWhatThePrimarySays() throws IOException {
    Path signal;
    try (Monitored primary = Monitored.start(16)) {
      primary.server().execute("postgres", "CHECKPOINT");
      signal = primary.server().socketDirectory().resolve("data/standby.signal");
    }
    // PostgreSQL, which isn't root, syncs it.
    Files.createFile(signal);
    Files.setPosixFilePermissions(signal, PosixFilePermissions.fromString("rw-rw-rw-"));
    try (PostgresServer standby =
        PostgresServer.start(
            16,
            Map.of(
                "shared_preload_libraries", "pg_stat_statements",
                "max_prepared_transactions", "5",
                "wal_level", "logical"))) {
      Collector collector =
          new Collector(
              "app/orders",
              Monitored.plan(Monitored.cluster(standby.socketDirectory(), standby.port())),
              System::nanoTime);
      collector.collectDue();
      Scrape scrape = Scrape.of(collector);

      assertThat(scrape.value("up")).hasValue(1);
      assertThat(scrape.of("collection_errors_total")).allMatch(errors -> errors.value() == 0);
      assertThat(scrape.samples()).noneMatch(sample -> primaryOnly().contains(sample.name()));
      assertThat(scrape.value("wal_retained_bytes", "checkpoint")).isPresent();
      assertThat(scrape.value("xmin_age", "session")).isPresent();
      assertThat(scrape.value("blocked_sessions", "app")).hasValue(0);
      assertThat(scrape.of("io_read_bytes_total")).isNotEmpty();
    } finally {
      Files.deleteIfExists(signal);
    }
  }

  private static Set<String> primaryOnly() {
    return Stream.of(BuiltIn.values())
        .flatMap(builtIn -> builtIn.group(false).queries().stream())
        .filter(MetricQuery::primaryOnly)
        .flatMap(query -> query.definitions().stream())
        .map(MetricDefinition::name)
        .collect(Collectors.toSet());
  }
}
