package dev.howdah.plugins.audit;

import dev.howdah.plugin.cluster.Cluster;
import tools.jackson.databind.JsonNode;

/**
 * A name for what a Cluster's definition says: the same for the same spec, on every replica and
 * after every restart. It changes only when the definition does, so it may stand in a status.
 */
final class DefinitionRevision {

  private static final int DIGITS = 16;

  private DefinitionRevision() {}

  /** The first digits of the SHA-256 of the spec, with sorted field names. */
  static String of(Cluster cluster) {
    return of(cluster.at("spec"));
  }

  static String of(JsonNode spec) {
    return Digest.sha256(spec).substring(0, DIGITS);
  }
}
