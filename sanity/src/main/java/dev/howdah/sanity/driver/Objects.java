package dev.howdah.sanity.driver;

import dev.howdah.proto.identity.PluginCapability;
import dev.howdah.proto.wal.WALCapability;
import dev.howdah.sanity.Options;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Kubernetes objects that the operator would send about a Cluster that uses the plugin under
 * test. Each call returns a fresh copy.
 */
public final class Objects {
  private static final String OTHER = "barman-cloud.cloudnative-pg.io";

  private final String plugin;
  private final String version;
  private final @Nullable Offer offer;
  private final Options options;

  Objects(String plugin, String version, @Nullable Offer offer, Options options) {
    this.plugin = plugin;
    this.version = version;
    this.offer = offer;
    this.options = options;
  }

  /** A healthy Cluster with little in its spec, or the one that the user gave. */
  public ObjectNode cluster() {
    Path given = options.cluster();
    return withPlugin(given == null ? file("cluster-minimal") : read(given), options.parameters());
  }

  /** A Cluster that uses every large part of the spec, recovered from this plugin's backup. */
  public ObjectNode rich() {
    Path given = options.cluster();
    return withPlugin(given == null ? file("cluster-rich") : read(given), options.parameters());
  }

  /** A Cluster in its first loop, whose status is almost empty. */
  public ObjectNode firstLoop() {
    return withPlugin(file("cluster-first-loop"), options.parameters());
  }

  /**
   * A healthy Cluster with other parameters for the plugin.
   *
   * @param parameters all of them
   */
  public ObjectNode cluster(Map<String, String> parameters) {
    Path given = options.cluster();
    return withPlugin(given == null ? file("cluster-minimal") : read(given), parameters);
  }

  /** The Cluster as a live client hands it on: no {@code apiVersion}, no {@code kind}. */
  public ObjectNode withoutKind() {
    ObjectNode cluster = cluster();
    cluster.remove("kind");
    cluster.remove("apiVersion");
    return cluster;
  }

  /** The Cluster without any mention of the plugin under test. */
  public ObjectNode withoutPlugin() {
    ObjectNode cluster = cluster();
    drop((ArrayNode) cluster.at("/spec/plugins"));
    if (cluster.at("/status/pluginStatus") instanceof ArrayNode status) {
      drop(status);
    }
    return cluster;
  }

  /** A Cluster to be restored from this plugin's backup. */
  public ObjectNode recovering() {
    return recovering(options.parameters());
  }

  /**
   * A Cluster to be restored from this plugin's backup.
   *
   * @param parameters the plugin's parameters, also for the source
   */
  public ObjectNode recovering(Map<String, String> parameters) {
    Path given = options.cluster();
    ObjectNode cluster = withPlugin(given == null ? file("cluster-rich") : read(given), parameters);
    ObjectNode spec = (ObjectNode) cluster.get("spec");
    spec.withObject("bootstrap").removeAll().withObject("recovery").put("source", "origin");
    ArrayNode sources = spec.withArray("externalClusters");
    sources.removeAll();
    ObjectNode source = sources.addObject().put("name", "origin").withObject("plugin");
    source.put("name", plugin).put("enabled", true).put("isWALArchiver", false);
    ObjectNode target = source.withObject("parameters");
    parameters.forEach(target::put);
    return cluster;
  }

  /** A Backup that this plugin is to take, in progress. */
  public ObjectNode backup() {
    Path given = options.backup();
    ObjectNode backup = given == null ? file("backup-plugin") : read(given);
    ObjectNode configuration = backup.withObject("spec").withObject("pluginConfiguration");
    configuration.put("name", plugin);
    if (given == null) {
      configuration.remove("parameters");
    }
    return backup;
  }

  /** A Backup that is over. */
  public ObjectNode backupCompleted() {
    ObjectNode backup = file("backup-completed");
    backup.withObject("spec").withObject("pluginConfiguration").put("name", plugin);
    return backup;
  }

  /**
   * The Cluster as the operator keeps it after the plugin's status was stored.
   *
   * @param cluster the Cluster before
   * @param status what the plugin answered
   */
  public ObjectNode withStatus(ObjectNode cluster, String status) {
    ObjectNode result = cluster.deepCopy();
    ArrayNode all = result.withObject("status").withArray("pluginStatus");
    for (JsonNode entry : all) {
      if (entry.path("name").asString("").equals(plugin)) {
        ((ObjectNode) entry).put("status", status);
      }
    }
    return result;
  }

  private ObjectNode withPlugin(ObjectNode cluster, Map<String, String> parameters) {
    ArrayNode entries = cluster.withObject("spec").withArray("plugins");
    ObjectNode entry = keepOne(entries);
    boolean archives = offer != null && offer.has(WALCapability.RPC.Type.TYPE_ARCHIVE_WAL);
    entry.put("enabled", true).put("isWALArchiver", archives);
    if (!parameters.isEmpty() || !entry.has("parameters")) {
      ObjectNode target = entry.putObject("parameters");
      parameters.forEach(target::put);
      if (parameters.isEmpty()) {
        entry.remove("parameters");
      }
    }
    if (archives) {
      for (JsonNode other : entries) {
        if (other != entry) {
          ((ObjectNode) other).put("isWALArchiver", false);
        }
      }
    }
    if (cluster.at("/status/pluginStatus") instanceof ArrayNode status) {
      declare(keepOne(status));
    }
    if (!options.operatorSince("1.28")) {
      cluster.withObject("metadata").putNull("creationTimestamp");
    }
    return cluster;
  }

  /** Leaves the entries of the plugin under test and of one other, well-known plugin. */
  private ObjectNode keepOne(ArrayNode entries) {
    if (options.cluster() == null) {
      for (int i = entries.size() - 1; i >= 0; i--) {
        String name = entries.get(i).path("name").asString("");
        if (!name.equals(plugin) && !name.equals(OTHER)) {
          entries.remove(i);
        }
      }
    }
    for (JsonNode entry : entries) {
      if (entry.path("name").asString("").equals(plugin)) {
        return (ObjectNode) entry;
      }
    }
    return entries.addObject().put("name", plugin);
  }

  private void drop(ArrayNode entries) {
    for (int i = entries.size() - 1; i >= 0; i--) {
      if (entries.get(i).path("name").asString("").equals(plugin)) {
        entries.remove(i);
      }
    }
  }

  private void declare(ObjectNode status) {
    status.put("version", version);
    ArrayNode capabilities = status.putArray("capabilities");
    if (offer != null) {
      for (PluginCapability capability : offer.plugin().getCapabilitiesList()) {
        capabilities.add(String.valueOf(capability.getService().getType()));
      }
    }
  }

  /**
   * An object of the built-in set as it is.
   *
   * @param name its file without the ending, such as {@code pod-instance}
   */
  public ObjectNode file(String name) {
    try (InputStream in =
        Objects.class.getResourceAsStream("/dev/howdah/sanity/objects/" + name + ".json")) {
      if (in == null) {
        throw new IllegalArgumentException("no object is called " + name);
      }
      return (ObjectNode) Json.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode read(Path file) {
    try {
      return (ObjectNode) Json.read(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
