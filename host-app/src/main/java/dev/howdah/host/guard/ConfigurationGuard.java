package dev.howdah.host.guard;

import dev.howdah.plugin.postgres.FixedParameters;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Merges what a plugin adds to PostgreSQL's configuration into the whole of it. The operator takes
 * an answer for the complete configuration and checks nothing, so a forgotten or changed setting of
 * its own (the archive command, the port, certificates) would reach PostgreSQL. Thread-safe.
 */
public final class ConfigurationGuard {

  /** A parameter, perhaps of an extension. */
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*(\\.[A-Za-z_][A-Za-z0-9_$]*)*");

  /**
   * What a Cluster's spec may set, where the operator checks it against the rest of the Cluster,
   * but enrichment, which nobody checks, may not: replication and rewinding depend on it.
   */
  private static final Set<String> ONLY_IN_SPEC =
      Set.of(
          "full_page_writes",
          "ssl_ciphers",
          "ssl_crl_dir",
          "ssl_groups",
          "ssl_max_protocol_version",
          "ssl_min_protocol_version",
          "ssl_tls13_ciphers",
          "wal_level",
          "wal_log_hints");

  /** Lists that the operator computes and enrichment may only add to, with what separates them. */
  private static final Map<String, String> LISTS =
      Map.of(
          "shared_preload_libraries", ",",
          "dynamic_library_path", ":",
          "extension_control_path", ":");

  /**
   * Merges.
   *
   * @param plugin name of the plugin
   * @param configuration the complete configuration so far
   * @param additions what the plugin's hook returned: settings to add or change
   * @return the complete configuration, sorted; equal to the given one if nothing changed
   * @throws GuardViolation if an addition is malformed or touches what CloudNativePG fixes
   */
  public SortedMap<String, String> merge(
      String plugin,
      Map<String, String> configuration,
      @Nullable Map<? extends @Nullable String, ? extends @Nullable String> additions) {
    if (additions == null) {
      throw new GuardViolation(
          plugin,
          GuardRule.ANSWER_MISSING,
          "its enrichment returned nothing; return an empty map to change nothing.");
    }
    SortedMap<String, String> merged = new TreeMap<>(configuration);
    Map<String, String> spelled =
        configuration.keySet().stream()
            .collect(
                Collectors.toMap(
                    key -> key.toLowerCase(Locale.ROOT), key -> key, (one, other) -> one));
    for (var addition : sorted(plugin, additions).entrySet()) {
      String name = addition.getKey();
      String value = addition.getValue();
      if (value.equals(configuration.get(name))) {
        continue;
      }
      checkSyntax(plugin, name, value);
      checkFree(plugin, name, value, configuration.get(name));
      String spelling = spelled.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
      if (spelling != null && !spelling.equals(name)) {
        throw new GuardViolation(
            plugin,
            GuardRule.CONFIGURATION_SYNTAX,
            "it sets '%s' beside '%s', which are the same parameter; write '%s'."
                .formatted(name, spelling, spelling));
      }
      merged.put(name, value);
    }
    return merged;
  }

  /**
   * Checks parameters that a plugin wants in a Cluster's spec.
   *
   * @param plugin name of the plugin
   * @param parameters what its hook returned
   * @return the parameters, sorted
   * @throws GuardViolation if one is malformed or fixed by CloudNativePG
   */
  public SortedMap<String, String> desired(
      String plugin,
      @Nullable Map<? extends @Nullable String, ? extends @Nullable String> parameters) {
    if (parameters == null) {
      throw new GuardViolation(
          plugin,
          GuardRule.ANSWER_MISSING,
          "its wish for parameters is nothing; return an empty map to wish for none.");
    }
    SortedMap<String, String> desired = sorted(plugin, parameters);
    desired.forEach(
        (name, value) -> {
          checkSyntax(plugin, name, value);
          if (isFixed(name)) {
            throw fixed(plugin, name);
          }
        });
    return desired;
  }

  /**
   * Whether CloudNativePG fixes a parameter or keeps it for itself, so that neither enrichment nor
   * a Cluster's spec can set it.
   *
   * @param name the parameter's name, in any case
   */
  public static boolean isFixed(String name) {
    return FixedParameters.contains(name);
  }

  private static SortedMap<String, String> sorted(
      String plugin, Map<? extends @Nullable String, ? extends @Nullable String> parameters) {
    SortedMap<String, String> sorted = new TreeMap<>();
    parameters.forEach(
        (name, value) -> {
          if (name == null || value == null) {
            throw new GuardViolation(
                plugin,
                GuardRule.CONFIGURATION_SYNTAX,
                "one of its PostgreSQL parameters has no name or no value; leave it out.");
          }
          sorted.put(name, value);
        });
    return sorted;
  }

  private static void checkSyntax(String plugin, String name, String value) {
    if (!NAME.matcher(name).matches()) {
      throw new GuardViolation(
          plugin,
          GuardRule.CONFIGURATION_SYNTAX,
          "'%s' is not the name of a PostgreSQL parameter; write letters, digits, '_' and '.'."
              .formatted(StableMessage.of(name, "")));
    }
    if (value.chars().anyMatch(character -> character < ' ' || character == 0x7f)) {
      throw new GuardViolation(
          plugin,
          GuardRule.CONFIGURATION_SYNTAX,
          "the value of '%s' has a line break or another control character; write it on one line."
              .formatted(name));
    }
  }

  private static void checkFree(String plugin, String name, String value, @Nullable String before) {
    String lower = name.toLowerCase(Locale.ROOT);
    String separator = LISTS.get(lower);
    if (separator != null) {
      if (!entries(value, separator).containsAll(entries(before, separator))) {
        throw new GuardViolation(
            plugin,
            GuardRule.CONFIGURATION_FIXED,
            "it removes entries from '%s'; keep '%s' and add to it.".formatted(name, before));
      }
    } else if (isFixed(name) || ONLY_IN_SPEC.contains(lower)) {
      throw fixed(plugin, name);
    }
  }

  private static Set<String> entries(@Nullable String list, String separator) {
    if (list == null) {
      return Set.of();
    }
    List<String> entries =
        Arrays.stream(list.split(Pattern.quote(separator))).map(String::strip).toList();
    Set<String> set = new HashSet<>(entries);
    set.remove("");
    return set;
  }

  private static GuardViolation fixed(String plugin, String name) {
    return new GuardViolation(
        plugin,
        GuardRule.CONFIGURATION_FIXED,
        "it sets the PostgreSQL parameter '%s', which is CloudNativePG's own; leave it out."
            .formatted(name));
  }
}
