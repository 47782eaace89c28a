package dev.howdah.host.admission;

import dev.howdah.host.audit.AuditEntry.Actor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The request of an AdmissionReview of {@code admission.k8s.io/v1}.
 *
 * @param uid names this question of the API server; the answer repeats it
 * @param operation {@code CREATE}, {@code UPDATE}, {@code DELETE} or {@code CONNECT}
 * @param group the object's API group
 * @param version its version
 * @param kind its kind
 * @param resource the resource asked for, such as {@code clusters}
 * @param subresource such as {@code status}; empty for the object itself
 * @param namespace its namespace
 * @param name its name; empty if the API server has yet to make one
 * @param actor who asks for it
 * @param dryRun whether nothing will be written whatever the answer
 * @param object as it would be; empty on DELETE
 * @param oldObject as it is; empty on CREATE
 */
record Review(
    String uid,
    String operation,
    String group,
    String version,
    String kind,
    String resource,
    String subresource,
    String namespace,
    String name,
    Actor actor,
    boolean dryRun,
    Optional<ObjectNode> object,
    Optional<ObjectNode> oldObject) {

  static final String GROUP = "postgresql.cnpg.io";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * Reads what the API server posts.
   *
   * @throws BadReview if it is something else
   */
  static Review parse(byte[] body) {
    JsonNode review;
    try {
      review = MAPPER.readTree(body);
    } catch (JacksonException e) {
      throw new BadReview("json", "The body is not valid JSON.");
    }
    if (!review.path("kind").asString("").equals("AdmissionReview")) {
      throw new BadReview("json", "The body is not an AdmissionReview.");
    }
    String apiVersion = review.path("apiVersion").asString("");
    if (!apiVersion.equals("admission.k8s.io/v1")) {
      throw new BadReview(
          "version",
          "AdmissionReviews of version '%s' aren't understood; set admissionReviewVersions: [v1]."
              .formatted(apiVersion));
    }
    if (!(review.path("request") instanceof ObjectNode request)) {
      throw new BadReview("request", "The AdmissionReview has no request.");
    }
    String uid = request.path("uid").asString("");
    if (uid.isEmpty()) {
      throw new BadReview("request", "The AdmissionReview's request has no uid.");
    }
    return of(uid, request);
  }

  private static Review of(String uid, ObjectNode request) {
    JsonNode kind = request.path("kind");
    return new Review(
        uid,
        request.path("operation").asString(""),
        kind.path("group").asString(""),
        kind.path("version").asString(""),
        kind.path("kind").asString(""),
        request.at("/resource/resource").asString(""),
        request.path("subResource").asString(""),
        request.path("namespace").asString(""),
        request.path("name").asString(""),
        actor(request.path("userInfo")),
        request.path("dryRun").asBoolean(false),
        object(request.path("object")),
        object(request.path("oldObject")));
  }

  private static Actor actor(JsonNode user) {
    List<String> groups = new ArrayList<>();
    user.path("groups").forEach(group -> groups.add(group.asString("")));
    return new Actor(
        user.path("username").asString(""), user.path("uid").asString(""), groups, "admission");
  }

  private static Optional<ObjectNode> object(JsonNode node) {
    return node instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
  }

  /** Whether it is about a Cluster itself, of whichever version. */
  boolean ofCluster() {
    return group.equals(GROUP) && kind.equals("Cluster") && subresource.isEmpty();
  }

  /** Whether the number of a Cluster's instances is changed through its scale subresource. */
  boolean ofScale() {
    return resource.equals("clusters") && subresource.equals("scale") && kind.equals("Scale");
  }

  /** The object's name, as far as it has one yet. */
  String bestName() {
    if (!name.isEmpty()) {
      return name;
    }
    JsonNode metadata =
        object
            .or(() -> oldObject)
            .<JsonNode>map(it -> it.path("metadata"))
            .orElse(MAPPER.missingNode());
    String named = metadata.path("name").asString("");
    return named.isEmpty() ? metadata.path("generateName").asString("") : named;
  }

  /** Whether the object is on its way out: the API server only waits for its finalizers. */
  boolean deleting() {
    return object.filter(it -> it.at("/metadata/deletionTimestamp").isString()).isPresent();
  }

  /**
   * Whether an UPDATE leaves alone all that somebody defines: spec, labels and annotations. Such
   * are the writes of status and finalizers.
   */
  boolean leavesDefinitionAlone() {
    if (object.isEmpty() || oldObject.isEmpty()) {
      return false;
    }
    for (String part : List.of("/spec", "/metadata/labels", "/metadata/annotations")) {
      if (!same(object.get().at(part), oldObject.get().at(part))) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(JsonNode one, JsonNode other) {
    return one.equals(other)
        || (one.isEmpty() && other.isEmpty() && !one.isValueNode() && !other.isValueNode());
  }
}
