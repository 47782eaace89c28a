package dev.howdah.host.compose;

import dev.howdah.plugin.postgres.ParameterLayer;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * PostgreSQL parameters that plugins want in a Cluster's spec, merged, and where each comes from.
 *
 * @param chosen what to set, by parameter
 * @param leftToUser wishes for parameters that the user set, by parameter; not to be set
 */
public record DesiredParameters(
    SortedMap<String, Choice> chosen, SortedMap<String, List<Wish>> leftToUser) {

  /**
   * What one plugin wants of one parameter.
   *
   * @param plugin name of the plugin
   * @param layer whose word it is
   * @param value the value
   */
  public record Wish(String plugin, ParameterLayer layer, String value) {}

  /**
   * The value that one parameter gets.
   *
   * @param winner the wish that counts
   * @param losers wishes for the same parameter that don't, in order of rank
   */
  public record Choice(Wish winner, List<Wish> losers) {

    /** Whether a plugin of the same layer wanted another value. */
    public boolean conflict() {
      return losers.stream()
          .anyMatch(
              loser -> loser.layer() == winner.layer() && !loser.value().equals(winner.value()));
    }
  }

  /** Parameters and values, sorted. */
  public SortedMap<String, String> values() {
    return chosen.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry -> entry.getValue().winner().value(),
                (one, other) -> one,
                TreeMap::new));
  }
}
