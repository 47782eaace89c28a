package dev.howdah.plugins.metrics.query;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Metrics that a user declares by SQL, as YAML or JSON. What the exporter can't serve is refused
 * here, with the reason; the statements that are right stay usable beside those that aren't.
 *
 * @param groups a group for each statement that is right, named after its first metric
 * @param problems what is wrong, in the order of the text
 */
public record DeclaredQueries(List<MetricGroup> groups, List<String> problems) {

  private static final int MOST_QUERIES = 50;
  private static final int MOST_METRICS = 20;
  private static final int MOST_ROWS = 1000;
  private static final int DEFAULT_ROWS = 100;
  private static final int LONGEST_QUERY = 10_000;
  private static final Duration SHORTEST = Duration.ofSeconds(5);
  private static final Duration LONGEST = Duration.ofDays(1);
  private static final Duration DEFAULT_INTERVAL = Duration.ofMinutes(1);

  private static final Pattern STATEMENT =
      Pattern.compile("(select|with|values|table)\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern INTERVAL = Pattern.compile("(\\d{1,6})(s|m|h)");

  /** The exporter's own beginnings of names, and this plugin's. */
  private static final List<String> RESERVED =
      List.of("cnpg_", "go_", "process_", "promhttp_", MetricQuery.PREFIX);

  private static final Set<String> QUERY_KEYS =
      Set.of("query", "database", "labels", "interval", "limit", "metrics");
  private static final Set<String> METRIC_KEYS = Set.of("name", "help", "type", "column");

  /** Copies the lists. */
  public DeclaredQueries {
    groups = List.copyOf(groups);
    problems = List.copyOf(problems);
  }

  /**
   * Reads declarations.
   *
   * @param text a list of statements, in YAML
   * @param database the database of those that name none
   */
  public static DeclaredQueries parse(String text, String database) {
    JsonNode tree;
    try {
      tree = new YAMLMapper().readTree(text);
    } catch (JacksonException e) {
      return new DeclaredQueries(List.of(), List.of("is not YAML: " + e.getOriginalMessage()));
    }
    if (tree == null || !tree.isArray()) {
      return new DeclaredQueries(
          List.of(), List.of("must be a list; begin each statement with '- query:'"));
    }
    List<MetricGroup> groups = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    if (tree.size() > MOST_QUERIES) {
      problems.add("has more than %d statements".formatted(MOST_QUERIES));
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < Math.min(tree.size(), MOST_QUERIES); i++) {
      try {
        groups.add(group(tree.get(i), database, names));
      } catch (Wrong wrong) {
        problems.add("[%d]%s".formatted(i, wrong.getMessage()));
      }
    }
    return new DeclaredQueries(groups, problems);
  }

  private static MetricGroup group(JsonNode node, String database, Set<String> taken) {
    checkKeys(node, "", QUERY_KEYS);
    String sql = statement(required(node, "query", ".query"));
    List<String> labels = labels(node.path("labels"));
    JsonNode metrics = node.path("metrics");
    if (!metrics.isArray() || metrics.isEmpty() || metrics.size() > MOST_METRICS) {
      throw new Wrong(".metrics must be a list of 1 to %d metrics".formatted(MOST_METRICS));
    }
    Set<String> names = new HashSet<>(taken);
    Set<String> columns = new HashSet<>(labels);
    List<MetricQuery.Value> values = new ArrayList<>();
    for (int i = 0; i < metrics.size(); i++) {
      String at = ".metrics[%d]".formatted(i);
      MetricQuery.Value value = value(metrics.get(i), at, labels);
      if (!names.add(value.metric().name())) {
        throw new Wrong(
            "%s.name: '%s' is declared twice; metric names are unique"
                .formatted(at, value.metric().name()));
      }
      if (!columns.add(value.column())) {
        throw new Wrong(
            "%s.column: '%s' is another metric's or a label".formatted(at, value.column()));
      }
      values.add(value);
    }
    Duration interval = interval(node.path("interval"));
    int limit = limit(node.path("limit"));
    String where = optional(node, "database", ".database").orElse(database);
    taken.addAll(names);
    return new MetricGroup(
        values.getFirst().metric().name(),
        interval,
        List.of(
            new MetricQuery(
                Scope.SERVER,
                Optional.of(where),
                new TreeMap<>(Map.of(MetricQuery.OLDEST, sql)),
                labels,
                values,
                limit,
                false)));
  }

  private static MetricQuery.Value value(JsonNode node, String at, List<String> labels) {
    checkKeys(node, at, METRIC_KEYS);
    String name = required(node, "name", at + ".name");
    for (String beginning : RESERVED) {
      if (name.startsWith(beginning)) {
        throw new Wrong("%s.name: names beginning with '%s' are taken".formatted(at, beginning));
      }
    }
    String help = required(node, "help", at + ".help");
    MetricType type = type(required(node, "type", at + ".type"), at);
    if (type == MetricType.COUNTER && !name.endsWith("_total")) {
      throw new Wrong("%s.name: the name of a counter ends in _total".formatted(at));
    }
    String column = optional(node, "column", at + ".column").orElse(name);
    try {
      return new MetricQuery.Value(
          column, new MetricDefinition(name, help, type, labels, Map.of()));
    } catch (IllegalArgumentException e) {
      throw new Wrong("%s: %s".formatted(at, e.getMessage()));
    }
  }

  private static MetricType type(String text, String at) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "counter" -> MetricType.COUNTER;
      case "gauge" -> MetricType.GAUGE;
      case "untyped" -> MetricType.UNTYPED;
      default ->
          throw new Wrong(
              "%s.type can't be '%s': the protocol carries counter, gauge and untyped only"
                  .formatted(at, text));
    };
  }

  /**
   * One statement that reads: the driver would split the text at each semicolon, and what comes
   * after a COMMIT would run outside the read-only transaction.
   */
  private static String statement(String text) {
    String sql = text.strip().replaceAll("[;\\s]+$", "");
    if (sql.length() > LONGEST_QUERY) {
      throw new Wrong(".query is longer than %d characters".formatted(LONGEST_QUERY));
    }
    if (sql.indexOf(';') >= 0) {
      throw new Wrong(".query must be one statement; write chr(59) for a semicolon in a text");
    }
    if (!STATEMENT.matcher(sql).matches()) {
      throw new Wrong(".query must begin with SELECT, WITH, VALUES or TABLE");
    }
    return sql;
  }

  private static List<String> labels(JsonNode node) {
    if (node.isMissingNode()) {
      return List.of();
    }
    if (!node.isArray()) {
      throw new Wrong(".labels must be a list of columns");
    }
    List<String> labels = new ArrayList<>();
    for (JsonNode label : node) {
      if (!label.isString()) {
        throw new Wrong(".labels must be a list of columns");
      }
      labels.add(label.asString());
    }
    return labels;
  }

  private static Duration interval(JsonNode node) {
    if (node.isMissingNode()) {
      return DEFAULT_INTERVAL;
    }
    Duration interval = duration(node.asString("")).orElse(Duration.ZERO);
    if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
      throw new Wrong(".interval must be between 5s and 24h, such as 30s or 5m");
    }
    return interval;
  }

  /** {@code 30s}, {@code 5m}, {@code 1h}; empty if it is none of these. */
  public static Optional<Duration> duration(String text) {
    Matcher matcher = INTERVAL.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long count = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "h" -> Duration.ofHours(count);
          case "m" -> Duration.ofMinutes(count);
          default -> Duration.ofSeconds(count);
        });
  }

  private static int limit(JsonNode node) {
    if (node.isMissingNode()) {
      return DEFAULT_ROWS;
    }
    int limit = node.isInt() ? node.asInt() : 0;
    if (limit < 1 || limit > MOST_ROWS) {
      throw new Wrong(".limit must be between 1 and %d rows".formatted(MOST_ROWS));
    }
    return limit;
  }

  private static void checkKeys(JsonNode node, String at, Set<String> known) {
    if (!node.isObject()) {
      throw new Wrong("%s must be a map with the keys %s".formatted(at, sorted(known)));
    }
    for (String key : node.propertyNames()) {
      if (!known.contains(key)) {
        throw new Wrong("%s.%s is unknown; known are %s".formatted(at, key, sorted(known)));
      }
    }
  }

  private static String sorted(Set<String> keys) {
    return String.join(", ", keys.stream().sorted().toList());
  }

  private static String required(JsonNode node, String key, String at) {
    return optional(node, key, at).orElseThrow(() -> new Wrong(at + " is missing"));
  }

  private static Optional<String> optional(JsonNode node, String key, String at) {
    JsonNode value = node.path(key);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isString() || value.asString().isBlank()) {
      throw new Wrong(at + " must be a text");
    }
    return Optional.of(value.asString());
  }

  /** Ends the reading of one statement. */
  private static final class Wrong extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Wrong(String message) {
      super(message, null, false, false);
    }

    @Override
    public String getMessage() {
      @Nullable String message = super.getMessage();
      return message == null ? "" : message;
    }
  }
}
