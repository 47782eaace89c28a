package dev.howdah.testkit;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.model.jackson.GoCompatibilityModule;
import io.fabric8.kubernetes.model.jackson.Jackson2JdkTypesModule;
import io.fabric8.kubernetes.model.jackson.UnmatchedFieldTypeModule;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON of Kubernetes objects, and patches of it. */
final class Models {

  static final JsonMapper JSON =
      JsonMapper.builder()
          .addModules(
              new UnmatchedFieldTypeModule(false, false),
              new GoCompatibilityModule(),
              new Jackson2JdkTypesModule())
          .changeDefaultPropertyInclusion(
              inclusion ->
                  inclusion
                      .withValueInclusion(JsonInclude.Include.NON_NULL)
                      .withContentInclusion(JsonInclude.Include.ALWAYS))
          .build();

  private Models() {}

  static ObjectNode tree(byte[] json) {
    if (JSON.readTree(json) instanceof ObjectNode object) {
      return object;
    }
    throw new IllegalArgumentException("That is not a JSON object.");
  }

  static ObjectNode tree(HasMetadata object) {
    return tree(JSON.writeValueAsBytes(object));
  }

  static <T> T decode(JsonNode tree, Class<T> model) {
    return JSON.readValue(JSON.writeValueAsBytes(tree), model);
  }

  static byte[] bytes(JsonNode tree) {
    return JSON.writeValueAsBytes(tree);
  }

  /**
   * Applies a patch as strictly as the operator's library does: what is replaced or removed must be
   * there. Not the library that the host makes patches with.
   *
   * @throws IllegalStateException if an operation can't be applied; says why
   */
  static ObjectNode patched(ObjectNode original, byte[] patch) {
    ObjectNode document = original.deepCopy();
    if (patch.length > 0) {
      for (JsonNode operation : JSON.readTree(patch)) {
        apply(operation, document);
      }
    }
    return document;
  }

  private static void apply(JsonNode operation, ObjectNode document) {
    String text = operation.path("path").asString("");
    JsonPointer pointer = JsonPointer.compile(text);
    JsonPointer head = pointer.head();
    JsonPointer last = pointer.last();
    if (head == null || last == null) {
      throw new IllegalStateException("The patch would replace the whole object.");
    }
    String kind = operation.path("op").asString("");
    if (!kind.equals("add") && document.at(pointer).isMissingNode()) {
      throw new IllegalStateException("Nothing is at %s, which has to %s.".formatted(text, kind));
    }
    switch (document.at(head)) {
      case ObjectNode parent -> {
        switch (kind) {
          case "add", "replace" -> parent.set(last.getMatchingProperty(), operation.path("value"));
          case "remove" -> parent.remove(last.getMatchingProperty());
          default -> throw new IllegalStateException("Unexpected operation " + kind);
        }
      }
      case ArrayNode parent -> {
        int index =
            last.getMatchingProperty().equals("-") ? parent.size() : last.getMatchingIndex();
        switch (kind) {
          case "add" -> parent.insert(index, operation.path("value"));
          case "replace" -> parent.set(index, operation.path("value"));
          case "remove" -> parent.remove(index);
          default -> throw new IllegalStateException("Unexpected operation " + kind);
        }
      }
      default -> throw new IllegalStateException("Nothing can be in %s.".formatted(head));
    }
  }
}
