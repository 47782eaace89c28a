package dev.howdah.plugins.metrics.query;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugin.metrics.MetricType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads rows as samples, and leaves out what would lose the whole scrape: a series that comes twice
 * and counters that aren't counts. For one statement in one database.
 */
public final class RowReader {

  private static final int LONGEST_LABEL = 1024;

  private final MetricQuery query;
  private final List<MetricSample> samples = new ArrayList<>();
  private final Set<List<String>> seen = new HashSet<>();
  private int dropped;

  /**
   * Makes a reader.
   *
   * @param query whose rows they are
   */
  public RowReader(MetricQuery query) {
    this.query = query;
  }

  /**
   * Reads all rows.
   *
   * @throws SQLException if a column isn't there or is not a number
   */
  public void read(ResultSet rows) throws SQLException {
    while (rows.next()) {
      if (seen.size() >= query.mostRows()) {
        dropped++;
        continue;
      }
      List<String> labels = labels(rows);
      if (!seen.add(labels)) {
        dropped++;
        continue;
      }
      for (MetricQuery.Value value : query.values()) {
        double number = rows.getDouble(value.column());
        if (!rows.wasNull()) {
          add(value.metric(), number, labels);
        }
      }
    }
  }

  private List<String> labels(ResultSet rows) throws SQLException {
    List<String> labels = new ArrayList<>();
    for (String label : query.labels()) {
      String text = rows.getString(label);
      labels.add(
          text == null
              ? ""
              : text.substring(0, text.offsetByCodePoints(0, codePoints(text, LONGEST_LABEL))));
    }
    return labels;
  }

  private static int codePoints(String text, int most) {
    return Math.min(most, text.codePointCount(0, text.length()));
  }

  private void add(MetricDefinition metric, double number, List<String> labels) {
    boolean counts = Double.isFinite(number) && number >= 0;
    if (metric.type() == MetricType.COUNTER && !counts) {
      dropped++;
    } else {
      samples.add(new MetricSample(metric.name(), number, labels));
    }
  }

  /** The samples, in the order of the rows. */
  public List<MetricSample> samples() {
    return List.copyOf(samples);
  }

  /** How many rows and values were left out. */
  public int dropped() {
    return dropped;
  }
}
