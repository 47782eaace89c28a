package dev.howdah.plugin.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@code Cluster} of group {@code postgresql.cnpg.io}: typed accessors for what plugins mostly
 * ask, and {@link #at(String...)} and {@link #json()} for everything else.
 *
 * <p>An accessor that meets a value of the wrong type throws {@link
 * dev.howdah.plugin.PluginException} of kind {@code INVALID} with the field's path.
 */
public final class Cluster extends CustomResource {

  private Cluster(ObjectNode json) {
    super("Cluster", json);
  }

  /**
   * Decodes a Cluster, with or without {@code apiVersion} and {@code kind}.
   *
   * @param bytes JSON in UTF-8
   * @throws dev.howdah.plugin.PluginException of kind {@code INVALID} if it isn't JSON, not an
   *     object, of another kind or has no name
   */
  public static Cluster decode(byte[] bytes) {
    return new Cluster(parse("Cluster", bytes));
  }

  /** Makes a view of a copy of the given JSON. */
  public static Cluster of(ObjectNode json) {
    return new Cluster(json.deepCopy());
  }

  /**
   * A changed copy.
   *
   * @param change changes the JSON it is given
   */
  public Cluster with(Consumer<ObjectNode> change) {
    ObjectNode json = json();
    change.accept(json);
    return new Cluster(json);
  }

  /** {@code spec.instances}: how many PostgreSQL instances are wanted; 1 if absent. */
  public int instances() {
    return (int) optionalNumber("spec", "instances").orElse(1);
  }

  /** {@code spec.imageName}, if the Cluster names its image itself. */
  public Optional<String> imageName() {
    return optionalText("spec", "imageName");
  }

  /**
   * {@code spec.postgresql.parameters}: the user's settings and the operator's defaults, which it
   * writes there, too.
   */
  public Map<String, String> postgresqlParameters() {
    return texts("spec", "postgresql", "parameters");
  }

  /** {@code spec.plugins}, in the order written. */
  public List<PluginEntry> plugins() {
    String[] at = {"spec", "plugins"};
    List<PluginEntry> entries = new ArrayList<>();
    for (int i = 0; i < size(at); i++) {
      entries.add(pluginEntry(append(at, String.valueOf(i))));
    }
    return List.copyOf(entries);
  }

  /** {@code spec.externalClusters}, in the order written. */
  public List<ExternalCluster> externalClusters() {
    String[] at = {"spec", "externalClusters"};
    List<ExternalCluster> clusters = new ArrayList<>();
    for (int i = 0; i < size(at); i++) {
      String[] path = append(at, String.valueOf(i));
      String[] pluginPath = append(path, "plugin");
      Optional<PluginEntry> plugin =
          find(pluginPath).isObject() ? Optional.of(pluginEntry(pluginPath)) : Optional.empty();
      clusters.add(new ExternalCluster(optionalText(append(path, "name")).orElse(""), plugin));
    }
    return List.copyOf(clusters);
  }

  /**
   * {@code spec.bootstrap.recovery.source}: the external cluster that this one was recovered from,
   * if it was.
   */
  public Optional<String> recoverySource() {
    return optionalText("spec", "bootstrap", "recovery", "source");
  }

  /**
   * {@code spec.replica.source}: the external cluster that this one replicates, if it is (or was) a
   * replica cluster.
   */
  public Optional<String> replicaSource() {
    return optionalText("spec", "replica", "source");
  }

  /** {@code status.currentPrimary}: the instance that is primary now; empty before there is one. */
  public Optional<String> currentPrimary() {
    return optionalText("status", "currentPrimary").filter(name -> !name.isEmpty());
  }

  /** {@code status.targetPrimary}: the instance that shall be primary. */
  public Optional<String> targetPrimary() {
    return optionalText("status", "targetPrimary").filter(name -> !name.isEmpty());
  }

  /** {@code status.instanceNames}. */
  public List<String> instanceNames() {
    String[] at = {"status", "instanceNames"};
    List<String> names = new ArrayList<>();
    for (int i = 0; i < size(at); i++) {
      optionalText(append(at, String.valueOf(i))).ifPresent(names::add);
    }
    return List.copyOf(names);
  }

  /** {@code status.phase}, in the operator's words; empty before the first loop. */
  public String phase() {
    return optionalText("status", "phase").orElse("");
  }

  /**
   * PostgreSQL's major version that the data directory has, from {@code status.pgDataImageInfo}, or
   * that it shall have.
   */
  public Optional<Integer> postgresMajor() {
    var current = optionalNumber("status", "pgDataImageInfo", "majorVersion");
    return current.isPresent() ? Optional.of((int) current.getAsLong()) : Optional.empty();
  }

  /**
   * The status that a plugin stored in the Cluster.
   *
   * @param plugin the plugin's name
   * @return the JSON text under {@code status.pluginStatus[].status}. Operators up to 1.30.0 drop
   *     it at the start of every loop, so there it is never seen by operator-side calls.
   */
  public Optional<String> pluginStatus(String plugin) {
    String[] at = {"status", "pluginStatus"};
    for (int i = 0; i < size(at); i++) {
      String[] path = append(at, String.valueOf(i));
      if (optionalText(append(path, "name")).filter(plugin::equals).isPresent()) {
        return optionalText(append(path, "status")).filter(status -> !status.isEmpty());
      }
    }
    return Optional.empty();
  }

  private PluginEntry pluginEntry(String... path) {
    JsonNode node = find(path);
    if (!node.isObject()) {
      throw invalid(String.join(".", path) + " must be an object");
    }
    return new PluginEntry(
        optionalText(append(path, "name")).orElse(""),
        optionalFlag(append(path, "enabled")).orElse(true),
        optionalFlag(append(path, "isWALArchiver")).orElse(false),
        texts(append(path, "parameters")),
        List.of(path));
  }
}
