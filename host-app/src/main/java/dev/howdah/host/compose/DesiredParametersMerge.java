package dev.howdah.host.compose;

import dev.howdah.host.compose.DesiredParameters.Choice;
import dev.howdah.host.compose.DesiredParameters.Wish;
import dev.howdah.host.guard.ConfigurationGuard;
import dev.howdah.plugin.postgres.ParameterLayer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Merges what plugins want of PostgreSQL's parameters: the user's word first, then policy, logging
 * and profile; within a layer the plugin whose name sorts first. The order in which plugins are
 * given makes no difference. Thread-safe.
 */
public final class DesiredParametersMerge {

  private static final Comparator<Wish> RANK =
      Comparator.comparing(Wish::layer).thenComparing(Wish::plugin);

  private final ConfigurationGuard guard;

  /**
   * Makes a merge.
   *
   * @param guard checks what each plugin wants
   */
  public DesiredParametersMerge(ConfigurationGuard guard) {
    this.guard = guard;
  }

  /**
   * What one plugin wants.
   *
   * @param plugin name of the plugin
   * @param layer whose word it is
   * @param parameters parameters and values
   */
  public record Wishes(String plugin, ParameterLayer layer, Map<String, String> parameters) {}

  /**
   * Merges.
   *
   * @param wishes what the plugins want
   * @param userKeys parameters that the user set, in any case; they are left alone
   * @throws dev.howdah.host.guard.GuardViolation if a plugin wants a parameter that CloudNativePG
   *     fixes, or a malformed one
   */
  public DesiredParameters merge(Collection<Wishes> wishes, Set<String> userKeys) {
    SortedMap<String, List<Wish>> byParameter = new TreeMap<>();
    for (Wishes one : wishes) {
      guard
          .desired(one.plugin(), one.parameters())
          .forEach(
              (name, value) ->
                  byParameter
                      .computeIfAbsent(lower(name), key -> new ArrayList<>())
                      .add(new Wish(one.plugin(), one.layer(), value)));
    }
    Set<String> users =
        userKeys.stream().map(DesiredParametersMerge::lower).collect(Collectors.toSet());
    SortedMap<String, Choice> chosen = new TreeMap<>();
    SortedMap<String, List<Wish>> leftToUser = new TreeMap<>();
    byParameter.forEach(
        (name, all) -> {
          List<Wish> ranked = all.stream().sorted(RANK).toList();
          if (users.contains(name)) {
            leftToUser.put(name, ranked);
          } else {
            chosen.put(name, new Choice(ranked.getFirst(), ranked.subList(1, ranked.size())));
          }
        });
    return new DesiredParameters(chosen, leftToUser);
  }

  /** PostgreSQL doesn't tell parameters apart by case; two spellings are one wish. */
  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
