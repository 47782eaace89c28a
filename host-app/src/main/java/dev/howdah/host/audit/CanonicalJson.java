package dev.howdah.host.audit;

import java.io.IOException;
import java.math.BigDecimal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import org.erdtman.jcs.JsonCanonicalizer;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one form in which JSON is hashed and signed: RFC 8785, in UTF-8.
 *
 * <p>That form knows numbers as IEEE doubles only, and text as valid Unicode only; {@link
 * #exact(JsonNode)} brings JSON from elsewhere into those bounds without losing anything.
 */
final class CanonicalJson {

  static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final HexFormat HEX = HexFormat.of();

  private CanonicalJson() {}

  /** The canonical form of a JSON text. */
  static byte[] bytes(String json) {
    try {
      return new JsonCanonicalizer(json).getEncodedUTF8();
    } catch (IOException e) {
      throw new IllegalArgumentException("Not JSON: " + e.getMessage(), e);
    }
  }

  /** The canonical form of a JSON tree. */
  static byte[] bytes(JsonNode node) {
    return bytes(MAPPER.writeValueAsString(node));
  }

  /** SHA-256 in lower-case hexadecimal. */
  static String sha256(byte[] bytes) {
    try {
      return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no SHA-256.", e);
    }
  }

  /**
   * The same JSON in what RFC 8785 can express: a number that a double can't hold exactly becomes
   * text, and half a surrogate pair becomes U+FFFD.
   */
  static JsonNode exact(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> {
        ObjectNode copy = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
          copy.set(wellFormed(field.getKey()), exact(field.getValue()));
        }
        yield copy;
      }
      case ARRAY -> {
        ArrayNode copy = JsonNodeFactory.instance.arrayNode();
        node.forEach(element -> copy.add(exact(element)));
        yield copy;
      }
      case NUMBER -> exactNumber(node);
      case STRING -> JsonNodeFactory.instance.stringNode(wellFormed(node.stringValue()));
      case BINARY, POJO -> JsonNodeFactory.instance.stringNode(node.asString(""));
      case BOOLEAN, NULL -> node;
      case MISSING -> JsonNodeFactory.instance.nullNode();
    };
  }

  private static JsonNode exactNumber(JsonNode node) {
    BigDecimal value;
    try {
      value = node.decimalValue();
    } catch (RuntimeException e) {
      return JsonNodeFactory.instance.stringNode(node.asString(""));
    }
    double nearest = value.doubleValue();
    boolean kept =
        !Double.isInfinite(nearest)
            && (value.compareTo(new BigDecimal(nearest)) == 0
                || value.compareTo(BigDecimal.valueOf(nearest)) == 0);
    return kept ? node : JsonNodeFactory.instance.stringNode(node.asString(""));
  }

  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return replaceLoneSurrogates(text);
      }
    }
    return text;
  }

  private static String replaceLoneSurrogates(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            point ->
                out.appendCodePoint(
                    point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE
                        ? 0xFFFD
                        : point));
    return out.toString();
  }
}
