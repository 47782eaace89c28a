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
public record ObjectStoreFiles(Path directory) implements ObjectStoreResources {

  private static final YAMLMapper YAML = YAMLMapper.builder().build();

  @Override
  public Optional<JsonNode> find(String namespace, String name) {
    return file(namespace, name).map(ObjectStoreFiles::parse);
  }

  /**
   * Reads a file.
   *
   * @throws PluginException of kind {@code PRECONDITION} if it can't be used; the message names the
   *     fields
   */
  public static ObjectStoreReader.Result read(Path file) {
    return ObjectStoreResources.usable(parse(file));
  }

  private static JsonNode parse(Path file) {
    try {
      return YAML.readTree(Files.readString(file));
    } catch (IOException | JacksonException e) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "the ObjectStore in %s can't be read".formatted(file),
          e);
    }
  }

  private Optional<Path> file(String namespace, String name) {
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
