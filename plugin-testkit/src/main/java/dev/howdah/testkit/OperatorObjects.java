package dev.howdah.testkit;

import dev.howdah.plugin.cluster.Backup;
import dev.howdah.plugin.cluster.Cluster;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.type.TypeReference;

/**
 * Kubernetes objects as the operator sends them: of one Cluster, {@code app/orders}, and all that
 * belongs to it. They are JSON files beside this class, in {@code objects}.
 */
public final class OperatorObjects {

  private OperatorObjects() {}

  /**
   * An object.
   *
   * @param name the file's name without its ending, such as {@code pod-instance}
   * @return its JSON
   * @throws IllegalArgumentException if there is no such file
   */
  public static byte[] json(String name) {
    try (InputStream in = OperatorObjects.class.getResourceAsStream("objects/" + name + ".json")) {
      if (in == null) {
        throw new IllegalArgumentException(
            "The test kit has no object '%s'; docs/plugin-authors/testing.md lists them."
                .formatted(name));
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A Cluster, such as {@code cluster-minimal} or {@code cluster-rich}. */
  public static Cluster cluster(String name) {
    return Cluster.decode(json(name));
  }

  /** A Backup, {@code backup-plugin} or {@code backup-completed}. */
  public static Backup backup(String name) {
    return Backup.decode(json(name));
  }

  /** A complete PostgreSQL configuration as the operator generates it, {@code enrich-configs}. */
  public static Map<String, String> configuration(String name) {
    return Models.JSON.readValue(json(name), new TypeReference<TreeMap<String, String>>() {});
  }
}
