package dev.howdah.plugin.cluster;

import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** A {@code Backup} of group {@code postgresql.cnpg.io}. */
public final class Backup extends CustomResource {

  private Backup(ObjectNode json) {
    super("Backup", json);
  }

  /**
   * Decodes a Backup, with or without {@code apiVersion} and {@code kind}.
   *
   * @param bytes JSON in UTF-8
   * @throws dev.howdah.plugin.PluginException of kind {@code INVALID} if it isn't JSON, not an
   *     object, of another kind or has no name
   */
  public static Backup decode(byte[] bytes) {
    return new Backup(parse("Backup", bytes));
  }

  /** Makes a view of a copy of the given JSON. */
  public static Backup of(ObjectNode json) {
    return new Backup(json.deepCopy());
  }

  /** {@code spec.cluster.name}: the Cluster it is of. */
  public String clusterName() {
    return optionalText("spec", "cluster", "name").orElse("");
  }

  /** {@code spec.method}; plugins make those of method {@code plugin}. */
  public Optional<String> method() {
    return optionalText("spec", "method");
  }

  /** {@code spec.pluginConfiguration.name}: the plugin that shall make it. */
  public Optional<String> pluginName() {
    return optionalText("spec", "pluginConfiguration", "name");
  }

  /** {@code spec.pluginConfiguration.parameters}. */
  public Map<String, String> pluginParameters() {
    return texts("spec", "pluginConfiguration", "parameters");
  }

  /** {@code status.phase}; empty in its first loop. */
  public String phase() {
    return optionalText("status", "phase").orElse("");
  }

  /** Whether it has ended, well or badly. */
  public boolean terminal() {
    return phase().equals("completed") || phase().equals("failed");
  }
}
