package dev.howdah.host.guard;

import dev.howdah.plugin.PluginMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Lets metadata through that bears the name the plugin is served under. The operator never compares
 * them: under another name statuses are stored for nobody and backups find no plugin.
 */
public final class MetadataGuard {

  /**
   * Checks metadata.
   *
   * @param registered the name that the plugin's manifest gives
   * @param metadata what the plugin says of itself
   * @return the metadata
   * @throws GuardViolation if there is none or its name differs
   */
  public PluginMetadata check(String registered, @Nullable PluginMetadata metadata) {
    if (metadata == null) {
      throw new GuardViolation(
          registered, GuardRule.ANSWER_MISSING, "it has no metadata; return some.");
    }
    if (!metadata.name().equals(registered)) {
      throw new GuardViolation(
          registered,
          GuardRule.METADATA_NAME,
          "its metadata names it '%s'; give the name that stands in its manifest."
              .formatted(metadata.name()));
    }
    return metadata;
  }
}
