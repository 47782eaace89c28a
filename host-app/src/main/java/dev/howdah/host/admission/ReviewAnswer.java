package dev.howdah.host.admission;

import java.util.Base64;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes the AdmissionReview that answers one. */
final class ReviewAnswer {

  private static final JsonMapper MAPPER = new JsonMapper();

  private ReviewAnswer() {}

  /** The answer's JSON in UTF-8. */
  static byte[] of(String uid, Verdict verdict) {
    ObjectNode review = JsonNodeFactory.instance.objectNode();
    review.put("apiVersion", "admission.k8s.io/v1");
    review.put("kind", "AdmissionReview");
    ObjectNode response = review.putObject("response");
    response.put("uid", uid);
    response.put("allowed", verdict.isAllowed());
    verdict.refusal().ifPresent(refusal -> status(response.putObject("status"), refusal));
    if (!verdict.warnings().isEmpty()) {
      verdict.warnings().forEach(response.putArray("warnings")::add);
    }
    if (verdict.patch().length > 0) {
      response.put("patchType", "JSONPatch");
      response.put("patch", Base64.getEncoder().encodeToString(verdict.patch()));
    }
    return MAPPER.writeValueAsBytes(review);
  }

  private static void status(ObjectNode status, Verdict.Refusal refusal) {
    status.put("status", "Failure");
    status.put("code", refusal.code());
    status.put("reason", refusal.reason());
    status.put("message", refusal.message());
    if (!refusal.causes().isEmpty()) {
      ArrayNode causes = status.putObject("details").putArray("causes");
      for (Verdict.Cause cause : refusal.causes()) {
        causes
            .addObject()
            .put("reason", "FieldValueInvalid")
            .put("field", cause.field())
            .put("message", cause.message());
      }
    }
  }
}
