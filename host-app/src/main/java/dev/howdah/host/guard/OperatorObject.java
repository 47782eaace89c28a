package dev.howdah.host.guard;

import dev.howdah.plugin.PluginException;
import io.fabric8.kubernetes.api.model.HasMetadata;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Kubernetes object as the operator sent it, parsed once however often it is decoded. Immutable.
 */
public final class OperatorObject {

  private final byte[] json;
  private final ObjectNode tree;
  private final String kind;
  private final String group;

  private OperatorObject(byte[] json, ObjectNode tree, String apiVersion, String kind) {
    this.json = json;
    this.tree = tree;
    this.kind = kind;
    int slash = apiVersion.indexOf('/');
    this.group = slash < 0 ? "" : apiVersion.substring(0, slash);
  }

  /**
   * Parses.
   *
   * @param json the object's JSON in UTF-8; belongs to the object from now on
   * @throws PluginException of kind {@code INVALID} if it isn't JSON, or doesn't say what it is
   */
  public static OperatorObject parse(byte[] json) {
    JsonNode tree;
    try {
      tree = ModelJson.parse(json);
    } catch (JacksonException e) {
      throw new PluginException(
          PluginException.Kind.INVALID, "the object in the request is not valid JSON", e);
    }
    String kind = tree.path("kind").asString("");
    String apiVersion = tree.path("apiVersion").asString("");
    if (kind.isEmpty() || apiVersion.isEmpty() || !(tree instanceof ObjectNode object)) {
      throw new PluginException(
          PluginException.Kind.INVALID, "the object in the request has no apiVersion or no kind");
    }
    return new OperatorObject(json, object, apiVersion, kind);
  }

  /** Its kind, such as {@code Pod}. */
  public String kind() {
    return kind;
  }

  /** Its API group; empty for the core group. */
  public String group() {
    return group;
  }

  /**
   * Decodes it.
   *
   * @param model the class that models it
   * @return a new object, free to change
   * @throws PluginException of kind {@code INVALID} if it can't be decoded
   */
  public <T extends HasMetadata> T as(Class<T> model) {
    String problem =
        "The object in the request is not the JSON of a %s with metadata."
            .formatted(model.getSimpleName());
    try {
      T object = ModelJson.bind(tree, model);
      if (object != null && object.getMetadata() != null) {
        return object;
      }
    } catch (JacksonException e) {
      throw new PluginException(PluginException.Kind.INVALID, problem, e);
    }
    throw new PluginException(PluginException.Kind.INVALID, problem);
  }

  byte[] json() {
    return json;
  }

  ObjectNode tree() {
    return tree;
  }
}
