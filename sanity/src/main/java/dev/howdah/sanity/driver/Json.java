package dev.howdah.sanity.driver;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads and prints JSON as Go's encoder does. */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private Json() {}

  /**
   * Reads a value.
   *
   * @param bytes UTF-8 text
   * @throws JacksonException if it is no JSON
   */
  public static JsonNode read(ByteString bytes) {
    return MAPPER.readTree(bytes.toByteArray());
  }

  /**
   * Reads a value.
   *
   * @param text JSON
   * @throws JacksonException if it is no JSON
   */
  public static JsonNode read(String text) {
    return MAPPER.readTree(text);
  }

  /**
   * Prints compactly, with the three characters escaped that Go escapes.
   *
   * @param node any value
   */
  public static ByteString print(JsonNode node) {
    return ByteString.copyFrom(text(node), StandardCharsets.UTF_8);
  }

  /**
   * Prints compactly, with the three characters escaped that Go escapes.
   *
   * @param node any value
   */
  public static String text(JsonNode node) {
    return MAPPER
        .writeValueAsString(node)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026");
  }

  /** An empty object. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** An empty array. */
  public static ArrayNode array() {
    return MAPPER.createArrayNode();
  }
}
