package dev.howdah.sanity;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * All that came of testing one target.
 *
 * @param target what was tested
 * @param plugin the name the plugin gave itself, empty when it gave none
 * @param version the version it gave, empty when it gave none
 * @param started when the first check began
 * @param duration how long all took
 * @param results one for each chosen check, in the catalogue's order
 */
public record Report(
    Target target,
    String plugin,
    String version,
    Instant started,
    Duration duration,
    List<Result> results) {

  /** Keeps the results from changing afterwards. */
  public Report {
    results = List.copyOf(results);
  }

  /** Whether no check failed that is not on the list of known failures. */
  public boolean passed() {
    return count(Status.FAILED) == 0;
  }

  /**
   * How many checks ended so.
   *
   * @param status the outcome to count
   */
  public long count(Status status) {
    return results.stream().filter(result -> result.status() == status).count();
  }
}
