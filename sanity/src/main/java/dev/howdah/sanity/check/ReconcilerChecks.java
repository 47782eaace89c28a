package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.must;
import static dev.howdah.sanity.check.Rule.operator;
import static dev.howdah.sanity.check.Rule.should;

import dev.howdah.proto.identity.PluginCapability.Service.Type;
import dev.howdah.proto.reconciler.ReconcilerHooksCapability;
import dev.howdah.proto.reconciler.ReconcilerHooksRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksResult;
import dev.howdah.proto.reconciler.ReconcilerHooksResult.Behavior;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.driver.Json;
import dev.howdah.sanity.driver.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Hooks around the operator's reconcile loops. */
final class ReconcilerChecks {
  private static final Need RECONCILER = Need.declared(Type.TYPE_RECONCILER_HOOKS);
  private static final Need CLUSTER = Need.wanted(ReconcilerHooksCapability.Kind.KIND_CLUSTER);
  private static final Need BACKUP = Need.wanted(ReconcilerHooksCapability.Kind.KIND_BACKUP);
  private static final String CLIENT = "operator: internal/cnpi/plugin/client/reconciler.go, ";
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private ReconcilerChecks() {}

  static List<Check> all() {
    return List.of(
        must("REC-01", "Only the kinds CLUSTER and BACKUP are wanted.")
            .cites("reconciler.proto, ReconcilerHooksCapability.Kind")
            .remedy("Name these kinds only.")
            .when(RECONCILER)
            .tested(
                (s, f) -> {
                  for (ReconcilerHooksCapability each :
                      s.offer().reconciler().getReconcilerCapabilitiesList()) {
                    int kind = each.getKindValue();
                    f.unless(kind == 1 || kind == 2, "kind %d", kind);
                  }
                }),
        must("REC-02", "No answer is UNSPECIFIED.")
            .cites(CLIENT + "silently treats it as CONTINUE")
            .remedy("Say CONTINUE.")
            .when(RECONCILER)
            .tested(
                (s, f) ->
                    answers(s)
                        .forEach(
                            answer ->
                                f.unless(
                                    answer.result.getBehavior() != Behavior.BEHAVIOR_UNSPECIFIED
                                        && answer.result.getBehavior() != Behavior.UNRECOGNIZED,
                                    "%s answers %d",
                                    answer.name,
                                    answer.result.getBehaviorValue()))),
        should("REC-03", "REQUEUE says after how many seconds, at least one.")
            .cites(CLIENT + "zero or less means the rate limiter's growing delay")
            .remedy("Set requeue_after.")
            .when(RECONCILER)
            .tested(
                (s, f) -> {
                  for (Answer answer : answers(s)) {
                    long after = answer.result.getRequeueAfter();
                    f.unless(after >= 0, "%s: requeue_after is %d", answer.name, after);
                    f.unless(
                        answer.result.getBehavior() != Behavior.BEHAVIOR_REQUEUE || after != 0,
                        "%s: REQUEUE without requeue_after",
                        answer.name);
                  }
                }),
        operator("REC-04", "Pre for a Cluster takes less than 10 s and answers the same each time.")
            .cites(
                "operator: internal/controller/cluster_controller.go calls it in every loop, before"
                    + " it looks whether a failover is due")
            .remedy("Do slow work in the background and make it idempotent.")
            .when(CLUSTER)
            .tested(ReconcilerChecks::repeated),
        operator("REC-05", "A Backup that is over is left alone: CONTINUE.")
            .cites(
                "operator: internal/controller/backup_controller.go does not call hooks for it"
                    + " today; nothing is left to hold up")
            .remedy("Look at status.phase first.")
            .when(BACKUP)
            .tested(
                (s, f) -> {
                  ReconcilerHooksResult result =
                      s.wire().reconciler().pre(request(s, s.objects().backupCompleted()));
                  proceeds(f, "Pre on a completed Backup", result);
                }),
        operator("REC-06", "Pre for a healthy Cluster does not TERMINATE or REQUEUE.")
            .cites(
                "operator: internal/controller/cluster_controller.go; either ends the loop before"
                    + " failover is handled")
            .remedy("Say CONTINUE; writing to the Cluster starts the next loop anyway.")
            .when(CLUSTER)
            .tested(
                (s, f) -> {
                  ObjectNode cluster = s.objects().cluster();
                  ReconcilerHooksResult result =
                      s.fresh("Pre", () -> s.wire().reconciler().pre(request(s, cluster)));
                  Behavior behavior = result.getBehavior();
                  f.unless(
                      behavior != Behavior.BEHAVIOR_TERMINATE
                          && behavior != Behavior.BEHAVIOR_REQUEUE,
                      "it answers %s",
                      behavior);
                }),
        should("REC-07", "An object of another kind is left alone: CONTINUE.")
            .cites(CLIENT + "sends Clusters and Backups today; a newer operator may send more")
            .remedy("Look at the object's kind first.")
            .when(RECONCILER)
            .tested(
                (s, f) -> {
                  ObjectNode other = s.objects().file("scheduledbackup");
                  proceeds(
                      f, "Pre on a ScheduledBackup", s.wire().reconciler().pre(request(s, other)));
                }),
        operator("REC-08", "Pre and Post answer for each wanted kind.")
            .cites(CLIENT + "any error stops the loop, for a Cluster with phase and 15 s wait")
            .remedy("Refuse only when going on would do harm.")
            .when(RECONCILER)
            .tested(
                (s, f) -> {
                  for (ObjectNode resource : resources(s)) {
                    s.wire().reconciler().pre(request(s, resource));
                    s.wire().reconciler().post(request(s, resource));
                  }
                }));
  }

  /** One answer and the call it belongs to. */
  private record Answer(String name, ReconcilerHooksResult result) {}

  private static List<ObjectNode> resources(Session session) {
    List<ObjectNode> resources = new ArrayList<>();
    if (session.offer().has(ReconcilerHooksCapability.Kind.KIND_CLUSTER)) {
      resources.add(session.objects().cluster());
      resources.add(session.objects().firstLoop());
    }
    if (session.offer().has(ReconcilerHooksCapability.Kind.KIND_BACKUP)) {
      resources.add(session.objects().backup());
    }
    return resources;
  }

  private static List<Answer> answers(Session session) {
    List<Answer> answers = new ArrayList<>();
    for (ObjectNode resource : resources(session)) {
      String kind = resource.path("kind").asString("");
      ReconcilerHooksRequest request = request(session, resource);
      answers.add(
          new Answer(
              "Pre on " + kind,
              session.fresh("Pre", () -> session.wire().reconciler().pre(request))));
      answers.add(
          new Answer(
              "Post on " + kind,
              session.fresh("Post", () -> session.wire().reconciler().post(request))));
    }
    return answers;
  }

  private static ReconcilerHooksRequest request(Session session, ObjectNode resource) {
    boolean cluster = resource.path("kind").asString("").equals("Cluster");
    return ReconcilerHooksRequest.newBuilder()
        .setClusterDefinition(cluster ? Json.print(resource) : session.cluster())
        .setResourceDefinition(Json.print(resource))
        .build();
  }

  private static void proceeds(Findings findings, String name, ReconcilerHooksResult result) {
    findings.unless(
        result.getBehavior() == Behavior.BEHAVIOR_CONTINUE
            || result.getBehavior() == Behavior.BEHAVIOR_UNSPECIFIED,
        "%s answers %s",
        name,
        result.getBehavior());
  }

  private static void repeated(Session session, Findings findings) {
    ReconcilerHooksRequest request = request(session, session.objects().cluster());
    ReconcilerHooksResult first =
        session.fresh("Pre", () -> session.wire().reconciler().pre(request));
    for (int i = 1; i < session.options().repeat(); i++) {
      long start = System.nanoTime();
      ReconcilerHooksResult other =
          session.fresh("Pre", () -> session.wire().reconciler().pre(request));
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      findings.unless(took.compareTo(LIMIT) < 0, "call %d took %d s", i + 1, took.toSeconds());
      if (other.getBehaviorValue() != first.getBehaviorValue()) {
        findings.add(
            "call %d answers %s, the first answered %s",
            i + 1, other.getBehavior(), first.getBehavior());
        return;
      }
    }
  }
}
