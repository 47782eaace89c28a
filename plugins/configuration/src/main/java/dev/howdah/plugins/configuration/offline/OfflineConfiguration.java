package dev.howdah.plugins.configuration.offline;

import dev.howdah.plugin.PluginConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A plugin's part of the host's configuration, read from a YAML file instead of by a host. It
 * checks no constraints beyond those that the records check themselves.
 */
public final class OfflineConfiguration implements PluginConfiguration {

  private static final YAMLMapper MAPPER =
      YAMLMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private final JsonNode section;

  private OfflineConfiguration(JsonNode section) {
    this.section = section;
  }

  /** A configuration in which nothing was given. */
  public static OfflineConfiguration empty() {
    return new OfflineConfiguration(JsonNodeFactory.instance.objectNode());
  }

  /**
   * Reads the part of one plugin from a host's configuration.
   *
   * @param file YAML with {@code howdah.plugins.<id>}; missing keys mean that nothing was given
   * @param id the plugin's id
   * @throws IOException if it can't be read
   * @throws IllegalArgumentException if it isn't YAML
   */
  public static OfflineConfiguration read(Path file, String id) throws IOException {
    try {
      JsonNode root = MAPPER.readTree(Files.readString(file));
      JsonNode section = root.path("howdah").path("plugins").path(id);
      return section.isObject() ? new OfflineConfiguration(section) : empty();
    } catch (JacksonException e) {
      throw new IllegalArgumentException("%s is not valid YAML.".formatted(file), e);
    }
  }

  @Override
  public <C extends Record> C bind(Class<C> type) {
    try {
      return MAPPER.treeToValue(section, type);
    } catch (JacksonException e) {
      Throwable cause = e.getCause() instanceof IllegalArgumentException iae ? iae : e;
      throw new IllegalArgumentException(
          "The configuration can't be read: %s"
              .formatted(cause == e ? e.getOriginalMessage() : String.valueOf(cause.getMessage())),
          e);
    }
  }

  @Override
  public Optional<String> get(String key) {
    JsonNode node = section.path(key);
    return node.isValueNode() ? Optional.of(node.asString("")) : Optional.empty();
  }
}
