package dev.howdah.plugin.postgres;

import dev.howdah.plugin.HookContext;
import java.util.Map;

/**
 * Says which PostgreSQL parameters the plugin wants in the Cluster's spec. Unlike enrichment this
 * needs no sidecar, CloudNativePG validates it, and it reaches parameters from which the operator
 * derives more (preloaded libraries, extensions). The host merges what all plugins want and never
 * sets what the user set.
 */
@FunctionalInterface
public interface DesiredParametersHook {

  /**
   * Computes the wish for {@link HookContext#cluster()}.
   *
   * @return parameters and values; deterministic; empty if none
   */
  Map<String, String> desired(HookContext context);

  /**
   * Says why each parameter is wanted, in words, for whoever reads the audit trail.
   *
   * @return rules by parameter; those that have none may be left out
   */
  default Map<String, String> rules(HookContext context) {
    return Map.of();
  }
}
