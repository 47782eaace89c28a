package dev.howdah.sanity.driver;

import com.google.protobuf.ByteString;
import io.fabric8.zjsonpatch.JsonPatch;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Applies a plugin's answer as the operator would. */
public final class Patch {
  private Patch() {}

  /**
   * The object after the patch; the given one is left alone.
   *
   * @param object the object that was sent
   * @param patch RFC 6902 as the plugin sent it; empty changes nothing
   * @throws PatchException if it is no patch or doesn't apply
   */
  public static ObjectNode apply(ObjectNode object, ByteString patch) throws PatchException {
    if (patch.isEmpty()) {
      return object.deepCopy();
    }
    JsonNode operations;
    try {
      operations = Json.read(patch);
    } catch (JacksonException e) {
      throw new PatchException("json_patch is no JSON: " + e.getOriginalMessage());
    }
    if (!operations.isArray()) {
      throw new PatchException("json_patch is no array, but " + operations.getNodeType());
    }
    JsonNode result = object.deepCopy();
    for (JsonNode operation : operations) {
      result = step(result, operation);
    }
    if (result instanceof ObjectNode patched) {
      return patched;
    }
    throw new PatchException("json_patch turns the object into " + result.getNodeType());
  }

  private static JsonNode step(JsonNode object, JsonNode operation) throws PatchException {
    try {
      // The library removes what is not there without a word; the operator's refuses.
      if (operation.path("op").asString("").equals("remove")
          && object.at(operation.path("path").asString("")).isMissingNode()) {
        throw new PatchException("json_patch removes what is not there: " + operation);
      }
      return JsonPatch.apply(Json.array().add(operation), object);
    } catch (RuntimeException e) {
      // Whatever the library stumbled over, the operator's would refuse the patch as well.
      throw new PatchException("json_patch does not apply: " + e.getMessage());
    }
  }
}
