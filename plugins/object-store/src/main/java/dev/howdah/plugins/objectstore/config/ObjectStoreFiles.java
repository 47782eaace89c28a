package dev.howdah.plugins.objectstore.config;

import dev.howdah.plugin.PluginException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * {@code ObjectStore} resources as files, in YAML or JSON: {@code <namespace>/<name>.yaml} or
 * {@code <name>.yaml} in one directory.
 *
 * @param directory the directory
 */
public record ObjectStoreFiles(Path directory) {

  private static final YAMLMapper YAML = YAMLMapper.builder().build();

  /**
   * Reads one.
   *
   * @throws PluginException of kind {@code PRECONDITION} if it isn't there or can't be used; the
   *     message names the fields
   */
  public ObjectStoreReader.Result read(String namespace, String name) {
    Path file =
        find(namespace, name)
            .orElseThrow(
                () ->
                    new PluginException(
                        PluginException.Kind.PRECONDITION,
                        "there is no ObjectStore %s for namespace '%s'"
                            .formatted(name, namespace)));
    return read(file);
  }

  /** Reads a file. */
  public static ObjectStoreReader.Result read(Path file) {
    JsonNode resource;
    try {
      resource = YAML.readTree(Files.readString(file));
    } catch (IOException | JacksonException e) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "the ObjectStore in %s can't be read".formatted(file),
          e);
    }
    ObjectStoreReader.Result result = ObjectStoreReader.read(resource);
    if (!result.problems().isEmpty()) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "the ObjectStore %s can't be used: %s"
              .formatted(
                  resource.path("metadata").path("name").asString("without a name"),
                  String.join("; ", result.problems())));
    }
    return result;
  }

  private Optional<Path> find(String namespace, String name) {
    for (String suffix : List.of(".yaml", ".yml", ".json")) {
      for (Path candidate :
          List.of(
              directory.resolve(namespace).resolve(name + suffix),
              directory.resolve(name + suffix))) {
        if (candidate.normalize().startsWith(directory.normalize())
            && Files.isRegularFile(candidate)) {
          return Optional.of(candidate);
        }
      }
    }
    return Optional.empty();
  }
}
