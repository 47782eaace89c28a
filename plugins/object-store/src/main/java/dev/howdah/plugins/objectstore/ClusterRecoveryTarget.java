package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget.Until;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Reads {@code spec.bootstrap.recovery.recoveryTarget} of a Cluster. */
final class ClusterRecoveryTarget {

  private ClusterRecoveryTarget() {}

  static RecoveryTarget of(Cluster cluster) {
    JsonNode target = cluster.at("spec", "bootstrap", "recovery", "recoveryTarget");
    return new RecoveryTarget(
        text(target, "backupID"),
        RecoveryTarget.parseTimeline(text(target, "targetTLI").orElse("")),
        until(target));
  }

  private static Until until(JsonNode target) {
    Optional<String> time = text(target, "targetTime");
    if (time.isPresent()) {
      return new Until.Time(RecoveryTarget.parseTime(time.get()));
    }
    Optional<String> lsn = text(target, "targetLSN");
    if (lsn.isPresent()) {
      return new Until.Position(position(lsn.get()));
    }
    Optional<String> transaction = text(target, "targetXID");
    if (transaction.isPresent()) {
      return RecoveryTarget.parseTransaction(transaction.get());
    }
    Optional<String> name = text(target, "targetName");
    if (name.isPresent()) {
      return new Until.RestorePoint(name.get());
    }
    if (target.path("targetImmediate").asBoolean(false)) {
      return new Until.Consistency();
    }
    return new Until.EndOfArchive();
  }

  private static Lsn position(String text) {
    try {
      return Lsn.parse(text);
    } catch (IllegalArgumentException e) {
      throw new PluginException(PluginException.Kind.INVALID, "targetLSN: " + e.getMessage(), e);
    }
  }

  private static Optional<String> text(JsonNode target, String field) {
    return Optional.of(target.path(field).asString("")).filter(text -> !text.isEmpty());
  }
}
