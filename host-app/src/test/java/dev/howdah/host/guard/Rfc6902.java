package dev.howdah.host.guard;

import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Applies JSON patches as strictly as the operator's library does: what is replaced or removed must
 * be there. Written for tests, so that patches aren't checked by the code that makes them.
 */
public final class Rfc6902 {

  private Rfc6902() {}

  /** Applies a patch to a copy. */
  public static JsonNode apply(ArrayNode patch, JsonNode original) {
    JsonNode document = original.deepCopy();
    for (JsonNode operation : patch) {
      apply(operation, document);
    }
    return document;
  }

  private static void apply(JsonNode operation, JsonNode document) {
    JsonPointer pointer = JsonPointer.compile(operation.required("path").stringValue());
    JsonNode parent = document.at(pointer.head());
    if (parent.isMissingNode()) {
      throw new IllegalStateException("nothing holds " + pointer);
    }
    String kind = operation.required("op").stringValue();
    if (!kind.equals("add") && document.at(pointer).isMissingNode()) {
      throw new IllegalStateException("nothing is at " + pointer);
    }
    switch (parent) {
      case ObjectNode object -> {
        String key = pointer.last().getMatchingProperty();
        if (kind.equals("remove")) {
          object.remove(key);
        } else {
          object.set(key, operation.required("value"));
        }
      }
      case ArrayNode array -> {
        int index =
            pointer.last().getMatchingProperty().equals("-")
                ? array.size()
                : pointer.last().getMatchingIndex();
        switch (kind) {
          case "add" -> {
            if (index > array.size()) {
              throw new IllegalStateException("beyond the end: " + pointer);
            }
            array.insert(index, operation.required("value"));
          }
          case "replace" -> array.set(index, operation.required("value"));
          case "remove" -> array.remove(index);
          default -> throw new IllegalStateException("unexpected operation " + kind);
        }
      }
      default -> throw new IllegalStateException("nothing can be in " + pointer.head());
    }
  }
}
