package dev.howdah.plugins.metrics.query;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One statement, and which metrics its rows are samples of: a row has a column for each label and
 * one for each metric, under these names.
 *
 * @param scope where it is asked
 * @param database the one database that a user's own statement is asked in, instead of those of its
 *     scope
 * @param sql its text by the PostgreSQL major it holds from; {@code {name}} stands for a variable,
 *     but in a user's statement for itself
 * @param labels columns that are labels, in the metrics' order
 * @param values columns that are values
 * @param mostRows how many rows are taken
 * @param primaryOnly whether standbys would only say the same, or nothing
 */
public record MetricQuery(
    Scope scope,
    Optional<String> database,
    SortedMap<Integer, String> sql,
    List<String> labels,
    List<Value> values,
    int mostRows,
    boolean primaryOnly) {

  /** What every name of the plugin's own metrics begins with: its domain. */
  public static final String PREFIX = "metrics_howdah_dev_";

  /** The oldest major that statements are written for. */
  public static final int OLDEST = 14;

  private static final int MOST_ROWS = 500;
  private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");

  /**
   * A column and its metric.
   *
   * @param column name of the column
   * @param metric what its numbers are samples of
   */
  public record Value(String column, MetricDefinition metric) {}

  /** Copies the lists. */
  public MetricQuery {
    labels = List.copyOf(labels);
    values = List.copyOf(values);
  }

  /** Begins a statement for the whole server. */
  public static Builder server(String sql) {
    return new Builder(Scope.SERVER, sql);
  }

  /** Begins a statement for each database. */
  public static Builder database(String sql) {
    return new Builder(Scope.DATABASE, sql);
  }

  /** The metrics, in the order of their columns. */
  public List<MetricDefinition> definitions() {
    return values.stream().map(Value::metric).toList();
  }

  /**
   * The statement's text for a server.
   *
   * @param major the server's major version
   * @param variables what stands for variables
   * @return empty if there is none for this major, or a variable has no value: what it stands for
   *     can't be had there
   */
  public Optional<String> sqlFor(int major, Map<String, String> variables) {
    if (sql.firstKey() > major) {
      return Optional.empty();
    }
    String text = sql.headMap(major + 1).lastEntry().getValue();
    if (database.isPresent()) {
      return Optional.of(text);
    }
    Matcher matcher = VARIABLE.matcher(text);
    StringBuilder filled = new StringBuilder();
    while (matcher.find()) {
      String value = variables.get(matcher.group(1));
      if (value == null) {
        return Optional.empty();
      }
      matcher.appendReplacement(filled, Matcher.quoteReplacement(value));
    }
    return Optional.of(matcher.appendTail(filled).toString());
  }

  /** Makes statements of the plugin's own, whose metrics begin with {@link #PREFIX}. */
  public static final class Builder {

    private final Scope scope;
    private final SortedMap<Integer, String> sql = new TreeMap<>();
    private final List<Value> values = new ArrayList<>();
    private List<String> labels = List.of();
    private boolean primaryOnly;

    private Builder(Scope scope, String sql) {
      this.scope = scope;
      this.sql.put(OLDEST, sql);
    }

    /** Another text from a major on. */
    public Builder since(int major, String text) {
      sql.put(major, text);
      return this;
    }

    /** Has a text only from a major on. */
    public Builder onlySince(int major) {
      String text = sql.firstEntry().getValue();
      sql.clear();
      return since(major, text);
    }

    /** Names the labels; before the values. */
    public Builder labels(String... names) {
      labels = List.of(names);
      return this;
    }

    /** Asked on the primary only. */
    public Builder onPrimary() {
      primaryOnly = true;
      return this;
    }

    /** A column that goes up and down. */
    public Builder gauge(String column, String help) {
      return value(column, help, MetricType.GAUGE, column);
    }

    /** A column that only grows; its metric has {@code _total} at its end. */
    public Builder counter(String column, String help) {
      return value(column, help, MetricType.COUNTER, column + "_total");
    }

    private Builder value(String column, String help, MetricType type, String name) {
      values.add(
          new Value(column, new MetricDefinition(PREFIX + name, help, type, labels, Map.of())));
      return this;
    }

    /** Makes it. */
    public MetricQuery build() {
      return new MetricQuery(scope, Optional.empty(), sql, labels, values, MOST_ROWS, primaryOnly);
    }
  }
}
