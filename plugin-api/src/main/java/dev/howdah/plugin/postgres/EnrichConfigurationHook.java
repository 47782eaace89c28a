package dev.howdah.plugin.postgres;

import dev.howdah.plugin.HookContext;
import java.util.Map;

/**
 * Adds to PostgreSQL's configuration inside the instance, behind {@code
 * Postgres.EnrichConfiguration}.
 *
 * <p>While instances have different configurations the operator rolls nothing out. So the answer is
 * a function of the Cluster's JSON alone: the same on every instance, whatever host version, clock
 * or configuration.
 */
@FunctionalInterface
public interface EnrichConfigurationHook {

  /**
   * Says which settings to add or change; the host merges them, chains the plugins it hosts, and
   * refuses to touch what CloudNativePG fixes.
   *
   * @param configuration the complete configuration so far: the operator's, and what hosted plugins
   *     before this one added
   * @param operation what it is written for
   * @return settings to add or change; empty if none
   */
  Map<String, String> enrich(
      Map<String, String> configuration, ConfigurationOperation operation, HookContext context);
}
