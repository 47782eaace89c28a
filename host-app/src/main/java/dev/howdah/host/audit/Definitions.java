package dev.howdah.host.audit;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What of a Kubernetes object is its definition, for those who record changes of it. */
public final class Definitions {

  private Definitions() {}

  /**
   * A digest of an object's spec: the same for the same spec, whoever writes it down.
   *
   * @param object the whole object
   * @return {@code sha256:} and the digest in hexadecimal
   */
  public static String digest(JsonNode object) {
    ObjectNode spec = JsonNodeFactory.instance.objectNode();
    spec.set("spec", object.path("spec").isMissingNode() ? spec.nullNode() : object.path("spec"));
    return "sha256:" + CanonicalJson.sha256(CanonicalJson.bytes(CanonicalJson.exact(spec)));
  }

  /**
   * Whether a diff of two objects would show anything: what the API server and the operator keep up
   * by themselves, the status included, doesn't count.
   */
  public static boolean differ(JsonNode before, JsonNode after) {
    return !FieldDiff.comparable(before).equals(FieldDiff.comparable(after));
  }
}
