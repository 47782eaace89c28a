package dev.howdah.plugin;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Parameters as somebody wrote them into a Kubernetes object: a map of strings, bound to a record
 * when asked. Immutable.
 */
public final class Parameters {

  private final Map<String, String> values;
  private final List<String> path;
  private final ParameterBinder binder;

  /**
   * Made by the host.
   *
   * @param values names and values as written
   * @param path where they stand in the object, such as {@code spec, plugins, 0, parameters}
   * @param binder turns them into records
   */
  public Parameters(Map<String, String> values, List<String> path, ParameterBinder binder) {
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    this.path = List.copyOf(path);
    this.binder = Objects.requireNonNull(binder, "binder is null");
  }

  /** Names and values as written, in the order they were written. */
  public Map<String, String> values() {
    return values;
  }

  /** Where they stand in the object, from its root. */
  public List<String> path() {
    return path;
  }

  /**
   * Binds them to a record.
   *
   * @param type a record, described with {@link Parameter} and Jakarta Validation constraints
   * @throws PluginException of kind {@link PluginException.Kind#INVALID} if a value is missing,
   *     malformed or breaks a constraint
   */
  public <P extends Record> P as(Class<P> type) {
    return binder.bind(type, values, path);
  }

  @Override
  public String toString() {
    return String.join(".", path) + values.keySet();
  }
}
