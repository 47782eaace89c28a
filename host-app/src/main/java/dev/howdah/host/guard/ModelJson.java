package dev.howdah.host.guard;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.model.jackson.GoCompatibilityModule;
import io.fabric8.kubernetes.model.jackson.Jackson2JdkTypesModule;
import io.fabric8.kubernetes.model.jackson.UnmatchedFieldTypeModule;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON of Kubernetes models and of trees, with sorted keys, so that equal values are equal bytes
 * whatever kind of map a plugin used.
 */
final class ModelJson {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModules(
              // A field of an unexpected type is kept aside instead of failing the call.
              new UnmatchedFieldTypeModule(false, false),
              new GoCompatibilityModule(),
              new Jackson2JdkTypesModule())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .changeDefaultPropertyInclusion(
              inclusion ->
                  inclusion
                      .withValueInclusion(JsonInclude.Include.NON_NULL)
                      .withContentInclusion(JsonInclude.Include.ALWAYS))
          .build();

  private ModelJson() {}

  static <T> T bind(JsonNode tree, Class<T> model) throws JacksonException {
    return MAPPER.treeToValue(tree, model);
  }

  static JsonNode parse(byte[] json) throws JacksonException {
    return MAPPER.readTree(json);
  }

  /**
   * The value's JSON, read back from its text: numbers then have the same node type on both sides
   * of a comparison.
   *
   * @throws JacksonException if it has none, or it isn't an object
   */
  static ObjectNode tree(Object value) throws JacksonException {
    return readSorted(write(value));
  }

  static byte[] write(Object value) throws JacksonException {
    return MAPPER.writeValueAsBytes(value);
  }

  /**
   * Parses an object.
   *
   * @throws JacksonException if it isn't the JSON of an object
   */
  static ObjectNode readSorted(byte[] json) throws JacksonException {
    JsonNode tree = MAPPER.readTree(json);
    if (tree instanceof ObjectNode object) {
      return sorted(object);
    }
    throw new NotAnObjectException();
  }

  static byte[] bytes(JsonNode tree) {
    return MAPPER.writeValueAsBytes(tree);
  }

  static ObjectNode sorted(ObjectNode object) {
    Map<String, JsonNode> fields = new TreeMap<>();
    object.properties().forEach(field -> fields.put(field.getKey(), sorted(field.getValue())));
    return JsonNodeFactory.instance.objectNode().setAll(fields);
  }

  private static JsonNode sorted(JsonNode node) {
    return switch (node) {
      case ObjectNode object -> sorted(object);
      case ArrayNode array -> {
        ArrayNode copy = JsonNodeFactory.instance.arrayNode(array.size());
        array.forEach(element -> copy.add(sorted(element)));
        yield copy;
      }
      default -> node;
    };
  }

  /** The value is JSON, but not an object. */
  static final class NotAnObjectException extends JacksonException {

    private static final long serialVersionUID = 1L;

    NotAnObjectException() {
      super("not a JSON object");
    }
  }
}
