package dev.howdah.host;

import dev.howdah.plugin.cluster.Cluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The Kubernetes objects as the operator sends them, which the testkit carries. */
public final class OperatorObjects {

  private static final Path FOLDER =
      Path.of("..", "plugin-testkit", "src", "main", "resources", "dev", "howdah", "testkit")
          .resolve("objects");

  private OperatorObjects() {}

  /** One object's JSON. */
  public static byte[] json(String name) {
    try {
      return Files.readAllBytes(FOLDER.resolve(name + ".json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One of the Clusters. */
  public static Cluster cluster(String name) {
    return Cluster.decode(json(name));
  }

  /** One of the complete PostgreSQL configurations. */
  public static Map<String, String> configuration(String name) {
    return new JsonMapper().readValue(json(name), new TypeReference<TreeMap<String, String>>() {});
  }
}
