package dev.howdah.plugin.cluster;

import dev.howdah.plugin.PluginException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A custom resource as JSON, decoded leniently: unknown fields are kept, and {@code apiVersion} and
 * {@code kind} may be missing, as they are in the requests of {@code initdb} and of the major
 * upgrade.
 *
 * <p>Immutable and thread-safe: what comes out is a copy.
 */
public abstract sealed class CustomResource permits Cluster, Backup {

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final ObjectNode json;

  CustomResource(String kind, ObjectNode json) {
    this.json = json;
    JsonNode actual = json.path("kind");
    if (!actual.isMissingNode() && !actual.isNull() && !actual.asString("").equals(kind)) {
      throw invalid("expected a %s, got a %s".formatted(kind, actual));
    }
    if (optionalText("metadata", "name").filter(name -> !name.isEmpty()).isEmpty()) {
      throw invalid("the %s has no metadata.name".formatted(kind));
    }
  }

  static ObjectNode parse(String kind, byte[] bytes) {
    if (bytes.length == 0) {
      throw invalid("the request holds no %s".formatted(kind));
    }
    JsonNode node;
    try {
      node = MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      throw new PluginException(
          PluginException.Kind.INVALID,
          "the %s in the request is not valid JSON".formatted(kind),
          e);
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw invalid("the %s in the request is not a JSON object".formatted(kind));
  }

  static PluginException invalid(String message) {
    return new PluginException(PluginException.Kind.INVALID, message);
  }

  /** The whole resource; a copy, free to change. */
  public ObjectNode json() {
    return json.deepCopy();
  }

  /**
   * One part of the resource.
   *
   * @param path field names, or indexes for array elements, from the root
   * @return a copy of the part, or a missing node
   */
  public JsonNode at(String... path) {
    return find(path).deepCopy();
  }

  /** {@code metadata.name}. */
  public String name() {
    return optionalText("metadata", "name").orElse("");
  }

  /** {@code metadata.namespace}; empty if absent. */
  public String namespace() {
    return optionalText("metadata", "namespace").orElse("");
  }

  /** {@code metadata.uid}; empty before the API server has set it. */
  public String uid() {
    return optionalText("metadata", "uid").orElse("");
  }

  /** {@code metadata.generation}, which grows with each change of the spec; 0 if absent. */
  public long generation() {
    return optionalNumber("metadata", "generation").orElse(0);
  }

  /** {@code metadata.labels}. */
  public Map<String, String> labels() {
    return texts("metadata", "labels");
  }

  /** {@code metadata.annotations}. */
  public Map<String, String> annotations() {
    return texts("metadata", "annotations");
  }

  /** Whether the resource is being deleted. */
  public boolean deleting() {
    return optionalText("metadata", "deletionTimestamp").isPresent();
  }

  /** {@code namespace/name}, for messages. */
  public String qualifiedName() {
    return namespace().isEmpty() ? name() : namespace() + "/" + name();
  }

  /** The resource as compact JSON in UTF-8. */
  public byte[] toBytes() {
    return MAPPER.writeValueAsBytes(json);
  }

  JsonNode find(String... path) {
    JsonNode node = json;
    for (String step : path) {
      node = node.isArray() ? node.path(index(step)) : node.path(step);
    }
    return node;
  }

  Optional<String> optionalText(String... path) {
    JsonNode node = find(path);
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isString()) {
      throw wrongType(path, "text", node);
    }
    return Optional.of(node.stringValue());
  }

  OptionalLong optionalNumber(String... path) {
    JsonNode node = find(path);
    if (node.isMissingNode() || node.isNull()) {
      return OptionalLong.empty();
    }
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw wrongType(path, "a whole number", node);
    }
    return OptionalLong.of(node.longValue());
  }

  Optional<Boolean> optionalFlag(String... path) {
    JsonNode node = find(path);
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isBoolean()) {
      throw wrongType(path, "true or false", node);
    }
    return Optional.of(node.booleanValue());
  }

  Map<String, String> texts(String... path) {
    JsonNode node = find(path);
    if (node.isMissingNode() || node.isNull()) {
      return Map.of();
    }
    if (!node.isObject()) {
      throw wrongType(path, "an object", node);
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!entry.getValue().isString()) {
        throw wrongType(append(path, entry.getKey()), "text", entry.getValue());
      }
      texts.put(entry.getKey(), entry.getValue().stringValue());
    }
    return Collections.unmodifiableMap(texts);
  }

  int size(String... path) {
    JsonNode node = find(path);
    if (node.isMissingNode() || node.isNull()) {
      return 0;
    }
    if (!node.isArray()) {
      throw wrongType(path, "a list", node);
    }
    return node.size();
  }

  static String[] append(String[] path, String... steps) {
    List<String> all = new ArrayList<>(List.of(path));
    all.addAll(List.of(steps));
    return all.toArray(String[]::new);
  }

  private static int index(String step) {
    try {
      return Integer.parseInt(step);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static PluginException wrongType(String[] path, String expected, JsonNode node) {
    return invalid(
        "%s must be %s, but is %s"
            .formatted(
                String.join(".", path),
                expected,
                node.getNodeType().name().toLowerCase(Locale.ROOT)));
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof CustomResource that
        && getClass() == that.getClass()
        && json.equals(that.json);
  }

  @Override
  public final int hashCode() {
    return json.hashCode();
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + " " + qualifiedName();
  }
}
