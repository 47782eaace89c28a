package dev.howdah.host.admission;

import dev.howdah.host.audit.AuditEntry;
import dev.howdah.host.audit.AuditReceipt;
import dev.howdah.host.audit.AuditTrail;
import dev.howdah.host.audit.Definitions;
import dev.howdah.host.changes.RecordedChanges;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Records who changed what: every CREATE, UPDATE and DELETE of a Cluster that is reviewed,
 * whichever plugins it enables, allowed or denied. Left out are dry runs, which change nothing, and
 * updates that change nothing but what the API server and the operator keep up by themselves.
 *
 * <p>An allowed change is recorded as intended: another webhook may still refuse it, or somebody
 * else may have written first. A record's key is the review's uid, so an answer that is asked for
 * again is no second record of the same writer. Thread-safe.
 */
final class ChangeRecorder {

  private static final int LONGEST_MESSAGE = 1_000;

  private final Optional<AuditTrail> trail;
  private final RecordedChanges noted;
  private final String mode;

  ChangeRecorder(Optional<AuditTrail> trail, RecordedChanges noted, String mode) {
    this.trail = trail;
    this.noted = noted;
    this.mode = mode;
  }

  /**
   * Records a change.
   *
   * @param review what was asked
   * @param verdict what will be answered
   * @param client who asked
   * @param time when
   * @param latency how long it took to answer
   * @return when the answer may leave; fails if the trail can't keep a record that has to be kept
   */
  CompletionStage<Void> record(
      Review review, Verdict verdict, String client, Instant time, Duration latency) {
    if (trail.isEmpty() || !recorded(review)) {
      return CompletableFuture.completedStage(null);
    }
    AuditReceipt receipt = trail.get().record(entry(review, verdict, client, time, latency));
    if (!receipt.kept() || !verdict.isAllowed()) {
      return receipt.answerable();
    }
    return receipt.answerable().thenRun(() -> note(review));
  }

  private void note(Review review) {
    if (review.operation().equals("DELETE")) {
      review.oldObject().ifPresent(noted::deleted);
    } else if (review.ofScale()) {
      review.object().ifPresent(noted::scaled);
    } else {
      noted.changed(definition(review, review.oldObject()), definition(review, review.object()));
    }
  }

  private static boolean recorded(Review review) {
    if (review.dryRun() || !(review.ofCluster() || review.ofScale())) {
      return false;
    }
    return switch (review.operation()) {
      case "CREATE", "DELETE" -> true;
      case "UPDATE" ->
          Definitions.differ(
              definition(review, review.oldObject()), definition(review, review.object()));
      default -> false;
    };
  }

  private AuditEntry entry(
      Review review, Verdict verdict, String client, Instant time, Duration latency) {
    JsonNode before = definition(review, review.oldObject());
    JsonNode after = definition(review, review.object());
    JsonNode known = after.isObject() ? after : before;
    AuditEntry.Builder entry =
        AuditEntry.change(review.operation())
            .time(time)
            .latency(latency)
            .mode(mode)
            .caller(client)
            .actor(review.actor())
            .cluster(review.namespace(), review.bestName(), known.at("/metadata/uid").asString(""))
            .object(Review.GROUP, "Cluster", review.namespace(), review.bestName())
            .before(before)
            .after(after)
            .key(
                "admission/%s/%s"
                    .formatted(review.uid(), verdict.isAllowed() ? "allowed" : "denied"))
            .intended(verdict.isAllowed())
            .outcome(verdict.refusal().map(Verdict.Refusal::outcome).orElse("OK"))
            .detail("review", review.uid())
            .detail("decision", verdict.isAllowed() ? "allowed" : "denied");
    verdict.refusal().ifPresent(refusal -> entry.detail("message", cut(refusal.message())));
    if (review.ofScale()) {
      entry.detail("subresource", "scale");
    } else if (after.isObject()) {
      entry.detail("definition", Definitions.digest(after));
    }
    String version = before.at("/metadata/resourceVersion").asString("");
    if (!version.isEmpty()) {
      entry.detail("resourceVersion", version);
    }
    return entry.build();
  }

  /** What is compared: of a Scale the number of instances, where the Cluster has it. */
  private static JsonNode definition(Review review, Optional<ObjectNode> object) {
    if (object.isEmpty()) {
      return JsonNodeFactory.instance.missingNode();
    }
    if (!review.ofScale()) {
      return object.get();
    }
    ObjectNode cluster = JsonNodeFactory.instance.objectNode();
    cluster.putObject("metadata").setAll(metadata(object.get()));
    cluster.putObject("spec").set("instances", object.get().at("/spec/replicas"));
    return cluster;
  }

  private static ObjectNode metadata(ObjectNode scale) {
    return scale.path("metadata") instanceof ObjectNode metadata
        ? metadata
        : JsonNodeFactory.instance.objectNode();
  }

  private static String cut(String text) {
    return text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE) + "...";
  }
}
