package dev.howdah.host.parameters;

import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.admission.ValidationFinding;
import java.util.List;
import java.util.Map;

/**
 * Binds parameters to records. Thread-safe; one serves the whole host.
 *
 * <p>Components can be texts, whole and decimal numbers, booleans, enums, {@link
 * java.time.Duration}s, URIs, Quantities, Optionals and Lists of these, and, written as JSON, maps
 * of texts, records and JSON nodes.
 */
public final class RecordParameterBinder implements ParameterBinder {

  /** Makes a binder with a validator of its own. */
  public RecordParameterBinder() {}

  @Override
  public <P extends Record> P bind(
      Class<P> type, Map<String, String> parameters, List<String> path) {
    throw new UnsupportedOperationException();
  }

  /**
   * Finds everything that is wrong with parameters.
   *
   * @param type the record they bind to
   * @param parameters names and values as written
   * @param path where they stand in the Cluster
   * @return findings with the path of the parameter, sorted by it; empty if they bind
   * @throws IllegalArgumentException if the record has a component that can't be a parameter
   */
  public List<ValidationFinding> check(
      Class<? extends Record> type, Map<String, String> parameters, List<String> path) {
    throw new UnsupportedOperationException();
  }

  /**
   * Finds changes of parameters that can't be changed. Values are compared, not texts: {@code 60s}
   * is {@code 1m}, and the default written out is the default. What was wrong before may be
   * corrected.
   *
   * @param type the record they bind to
   * @param before names and values as they are
   * @param after names and values as they shall be
   * @param path where they stand in the Cluster
   * @return findings with the path of the parameter, sorted by it
   */
  public List<ValidationFinding> checkChange(
      Class<? extends Record> type,
      Map<String, String> before,
      Map<String, String> after,
      List<String> path) {
    throw new UnsupportedOperationException();
  }

  /**
   * Describes the parameters of a record, in the order of its components.
   *
   * @throws IllegalArgumentException if the record has a component that can't be a parameter
   */
  public List<ParameterDescription> describe(Class<? extends Record> type) {
    throw new UnsupportedOperationException();
  }
}
