package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.cluster.PluginEntry;
import java.util.Optional;

/**
 * Whether the plugin is to archive a Cluster's WAL.
 *
 * <p>{@code isWALArchiver} is false by default, so "unset" and "no" look the same. Answering
 * success for a file that nobody stores loses data; so with false the plugin only stands back if it
 * is clear that somebody else stores it.
 */
sealed interface ArchivingRule {

  /**
   * It is.
   *
   * @param warning why that may not be what was meant
   */
  record Archive(Optional<String> warning) implements ArchivingRule {}

  /**
   * It isn't.
   *
   * @param why who does, or who said so
   */
  record StandBack(String why) implements ArchivingRule {}

  static ArchivingRule of(
      Cluster cluster, PluginUse.Own own, ObjectStoreParameters parameters, String pluginName) {
    if (!parameters.archives()) {
      return new StandBack("the parameter walArchiving is off");
    }
    if (own.walArchiver()) {
      return new Archive(Optional.empty());
    }
    Optional<String> other =
        cluster.plugins().stream()
            .filter(entry -> entry.enabled() && entry.walArchiver())
            .map(PluginEntry::name)
            .filter(name -> !name.equals(pluginName))
            .findFirst();
    if (other.isPresent()) {
      return new StandBack(other.get() + " is the WAL archiver");
    }
    if (cluster.at("spec", "backup", "barmanObjectStore").isObject()) {
      return new StandBack("spec.backup.barmanObjectStore archives WAL");
    }
    return new Archive(
        Optional.of(
            "isWALArchiver is not true, and nobody else archives WAL: it is archived here; set"
                + " isWALArchiver to true, or walArchiving to off"));
  }
}
