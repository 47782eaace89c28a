package dev.howdah.host.guard;

import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Merges what a plugin adds to PostgreSQL's configuration into the whole of it. The operator takes
 * an answer for the complete configuration and checks nothing, so a forgotten or changed setting of
 * its own (the archive command, the port, certificates) would reach PostgreSQL. Thread-safe.
 */
public final class ConfigurationGuard {

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
    throw new UnsupportedOperationException();
  }

  /**
   * Whether CloudNativePG fixes a parameter or keeps it for itself, so that neither enrichment nor
   * a Cluster's spec can set it.
   *
   * @param name the parameter's name, in any case
   */
  public static boolean isFixed(String name) {
    throw new UnsupportedOperationException();
  }
}
