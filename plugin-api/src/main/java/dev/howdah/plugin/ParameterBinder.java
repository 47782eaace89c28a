package dev.howdah.plugin;

import java.util.List;
import java.util.Map;

/**
 * Turns parameters as written in a Cluster into a record; the host's half of {@link Parameters}.
 * Thread-safe.
 */
@FunctionalInterface
public interface ParameterBinder {

  /**
   * Binds parameters.
   *
   * @param type the record
   * @param parameters names and values as written
   * @param path where they stand in the Cluster, for messages
   * @return the record
   * @throws PluginException of kind {@link PluginException.Kind#INVALID} that names the first
   *     offending parameter
   */
  <P extends Record> P bind(Class<P> type, Map<String, String> parameters, List<String> path);
}
