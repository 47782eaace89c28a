package dev.howdah.host.compose;

import dev.howdah.plugin.postgres.ParameterLayer;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/**
 * Merges what plugins want of PostgreSQL's parameters: the user's word first, then policy, logging
 * and profile; within a layer the plugin whose name sorts first. The order in which plugins are
 * given makes no difference.
 */
public final class DesiredParametersMerge {

  /**
   * What one plugin wants.
   *
   * @param plugin name of the plugin
   * @param layer whose word it is
   * @param parameters parameters and values
   */
  public record Wishes(String plugin, ParameterLayer layer, Map<String, String> parameters) {

    /** Copies the map. */
    public Wishes {
      parameters = Map.copyOf(parameters);
    }
  }

  /**
   * Merges.
   *
   * @param wishes what the plugins want
   * @param userKeys parameters that the user set, which are left alone
   * @throws dev.howdah.host.guard.GuardViolation if a plugin wants a parameter that CloudNativePG
   *     fixes, or a malformed one
   */
  public DesiredParameters merge(Collection<Wishes> wishes, Set<String> userKeys) {
    throw new UnsupportedOperationException();
  }
}
