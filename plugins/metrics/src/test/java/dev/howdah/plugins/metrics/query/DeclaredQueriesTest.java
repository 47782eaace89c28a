package dev.howdah.plugins.metrics.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.metrics.MetricType;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeclaredQueriesTest {

  private static final String RIGHT =
      """
      - query: SELECT state, count(*) AS jobs FROM public.job GROUP BY state;
        database: app
        labels: [state]
        interval: 30s
        limit: 20
        metrics:
          - name: shop_jobs
            help: Jobs in the queue.
            type: gauge
            column: jobs
      """;

  private static DeclaredQueries parse(String text) {
    return DeclaredQueries.parse(text, "postgres");
  }

  private static DeclaredQueries right(String before, String after) {
    assertThat(RIGHT).contains(before);
    return parse(RIGHT.replace(before, after));
  }

  @Test
  void aStatementBecomesAGroupNamedAfterItsFirstMetric() {
    DeclaredQueries queries = parse(RIGHT);

    assertThat(queries.problems()).isEmpty();
    MetricGroup group = queries.groups().getFirst();
    assertThat(group.name()).isEqualTo("shop_jobs");
    assertThat(group.interval()).isEqualTo(Duration.ofSeconds(30));
    MetricQuery query = group.queries().getFirst();
    assertThat(query.database()).contains("app");
    assertThat(query.mostRows()).isEqualTo(20);
    assertThat(query.sqlFor(16, java.util.Map.of()))
        .contains("SELECT state, count(*) AS jobs FROM public.job GROUP BY state");
    assertThat(group.definitions().getFirst().type()).isEqualTo(MetricType.GAUGE);
    assertThat(group.definitions().getFirst().labels()).containsExactly("state");
  }

  @Test
  void jsonIsYamlAndWhatIsLeftOutHasADefault() {
    DeclaredQueries queries =
        parse(
            "[{\"query\": \"VALUES (1)\", \"metrics\":"
                + " [{\"name\": \"column1\", \"help\": \"One.\", \"type\": \"untyped\"}]}]");

    assertThat(queries.problems()).isEmpty();
    MetricGroup group = queries.groups().getFirst();
    assertThat(group.interval()).isEqualTo(Duration.ofMinutes(1));
    assertThat(group.queries().getFirst().database()).contains("postgres");
    assertThat(group.queries().getFirst().values().getFirst().column()).isEqualTo("column1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "type: gauge | type: histogram | counter, gauge and untyped only",
        "type: gauge | type: counter | ends in _total",
        "name: shop_jobs | name: shop-jobs | 'shop-jobs' is not a metric name",
        "name: shop_jobs | name: cnpg_jobs | 'cnpg_' are taken",
        "name: shop_jobs | name: metrics_howdah_dev_up | 'metrics_howdah_dev_' are taken",
        "help: Jobs in the queue. | help: '' | help must be a text",
        "[state] | [__state] | '__state' is not a label name",
        "[state] | [state, state] | twice",
        "[state] | state | labels must be a list",
        "column: jobs | column: state | another metric's or a label",
        "interval: 30s | interval: 1s | between 5s and 24h",
        "interval: 30s | interval: soon | between 5s and 24h",
        "limit: 20 | limit: 100000 | between 1 and 1000",
        "database: app | databse: app | .databse is unknown",
        "SELECT state, | COMMIT; SELECT state, | one statement",
        "SELECT state, count(*) AS jobs FROM | DELETE FROM | must begin with SELECT",
        "column: jobs | colum: jobs | .metrics[0].colum is unknown",
      })
  void whatTheExporterCantServeIsRefusedWithTheReason(String before, String after, String reason) {
    DeclaredQueries queries = right(before.strip(), after.strip());

    assertThat(queries.groups()).isEmpty();
    assertThat(queries.problems()).singleElement().asString().contains(reason.strip());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "name: x", "- a", "- [", "just text", "- metrics: []"})
  void textOfAnotherShapeIsAProblemAndNoError(String text) {
    assertThat(parse(text).groups()).isEmpty();
    assertThat(parse(text).problems()).hasSize(1);
  }

  @Test
  void aNameTwiceLosesTheSecondStatementOnly() {
    DeclaredQueries queries = parse(RIGHT + RIGHT);

    assertThat(queries.groups()).hasSize(1);
    assertThat(queries.problems())
        .singleElement()
        .asString()
        .contains("[1].metrics[0].name", "twice");
  }
}
