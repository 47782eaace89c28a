package dev.howdah.host.compose;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls one plugin's enrichment hook. */
@FunctionalInterface
public interface EnrichmentStep {

  /**
   * Asks the plugin.
   *
   * @param configuration the complete configuration so far; unmodifiable
   * @return what the hook returned, unchecked
   */
  @Nullable Map<String, String> enrich(Map<String, String> configuration);
}
