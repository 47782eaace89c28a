package dev.howdah.plugins.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Digests of JSON that don't depend on the order of fields. */
final class Digest {

  private Digest() {}

  /** SHA-256 in lower-case hexadecimal. */
  static String sha256(JsonNode node) {
    StringBuilder text = new StringBuilder();
    write(node, text);
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no SHA-256.", e);
    }
  }

  private static void write(JsonNode node, StringBuilder out) {
    if (node.isObject()) {
      out.append('{');
      TreeSet<String> names = new TreeSet<>();
      node.properties().forEach(field -> names.add(field.getKey()));
      for (String name : names) {
        out.append(JsonNodeFactory.instance.stringNode(name)).append(':');
        write(node.path(name), out);
        out.append(',');
      }
      out.append('}');
    } else if (node.isArray()) {
      out.append('[');
      for (JsonNode element : node) {
        write(element, out);
        out.append(',');
      }
      out.append(']');
    } else {
      out.append(node);
    }
  }
}
