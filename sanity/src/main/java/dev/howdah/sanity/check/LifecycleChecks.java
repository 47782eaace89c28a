package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.advice;
import static dev.howdah.sanity.check.Rule.must;
import static dev.howdah.sanity.check.Rule.operator;
import static dev.howdah.sanity.check.Rule.should;

import com.google.protobuf.ByteString;
import dev.howdah.proto.identity.PluginCapability.Service.Type;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilities;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.driver.Json;
import dev.howdah.sanity.driver.Offer;
import dev.howdah.sanity.driver.Patch;
import dev.howdah.sanity.driver.PatchException;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.UndecidedException;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Patches to the objects that the operator makes. */
final class LifecycleChecks {
  private static final Need LIFECYCLE = Need.declared(Type.TYPE_LIFECYCLE_SERVICE);
  private static final Need SIDECAR = Need.declared(Type.TYPE_INSTANCE_SIDECAR_INJECTION);
  private static final OperatorOperationType.Type CREATE = OperatorOperationType.Type.TYPE_CREATE;
  private static final OperatorOperationType.Type EVALUATE =
      OperatorOperationType.Type.TYPE_EVALUATE;
  private static final OperatorOperationType.Type DELETE = OperatorOperationType.Type.TYPE_DELETE;
  private static final String CLIENT = "operator: internal/cnpi/plugin/client/lifecycle.go, ";
  private static final String ROLLOUT =
      "operator: internal/controller/cluster_upgrade.go compares the stored Pod spec with a freshly"
          + " evaluated one in every loop";
  private static final Duration QUICK = Duration.ofSeconds(2);

  /** What the operator hands over, by group and kind. */
  private static final Map<String, List<String>> OBJECTS = objects();

  private LifecycleChecks() {}

  private static Map<String, List<String>> objects() {
    Map<String, List<String>> objects = new LinkedHashMap<>();
    objects.put(
        "/Pod", List.of("pod-instance", "pod-instance-other-sidecar", "pod-instance-create"));
    objects.put(
        "batch/Job",
        List.of(
            "job-initdb",
            "job-full-recovery",
            "job-join",
            "job-snapshot-recovery",
            "job-major-upgrade"));
    objects.put("/PersistentVolumeClaim", List.of("pvc-data", "pvc-wal"));
    objects.put("/Service", List.of("service-rw", "service-r"));
    objects.put("/Secret", List.of("secret-app"));
    objects.put("/ConfigMap", List.of("configmap"));
    objects.put("/ServiceAccount", List.of("serviceaccount"));
    objects.put("rbac.authorization.k8s.io/Role", List.of("role"));
    objects.put("rbac.authorization.k8s.io/RoleBinding", List.of("rolebinding"));
    objects.put("policy/PodDisruptionBudget", List.of("pdb"));
    objects.put("coordination.k8s.io/Lease", List.of("lease"));
    return objects;
  }

  static List<Check> all() {
    return List.of(
        must("LIF-01", "Each entry names a kind and at least one operation, none UNSPECIFIED.")
            .cites("operator_lifecycle.proto, OperatorLifecycleCapabilities")
            .remedy("Fill the entry or leave it out.")
            .when(LIFECYCLE)
            .tested(LifecycleChecks::complete),
        operator("LIF-02", "No kind and operation is named twice.")
            .cites(CLIENT + "a plugin with two matching entries is called twice")
            .remedy("Merge the entries of one kind.")
            .when(LIFECYCLE)
            .tested(LifecycleChecks::duplicates),
        operator("LIF-03", "CREATE on Pods comes with EVALUATE.")
            .cites(ROLLOUT + "; without EVALUATE a changed sidecar is never rolled out")
            .remedy("Declare TYPE_EVALUATE for Pods and answer it like CREATE.")
            .when(Need.CREATED_POD)
            .tested(
                (s, f) ->
                    f.unless(s.offer().has("", "Pod", EVALUATE), "EVALUATE on Pod is missing")),
        operator("LIF-04", "DEREGISTER is not named.")
            .cites("operator_lifecycle.proto reserves the verb; nobody calls it")
            .remedy("Leave it out; offer Operator.Deregister.")
            .when(LIFECYCLE)
            .tested(
                (s, f) -> {
                  for (OperatorLifecycleCapabilities entry : entries(s)) {
                    f.unless(
                        !Offer.verbs(entry).contains(OperatorOperationType.Type.TYPE_DEREGISTER),
                        "%s has it",
                        entry.getKind());
                  }
                }),
        must("LIF-05", "The hook answers for each declared kind, and its patch applies.")
            .cites(CLIENT + "a patch that can't be read or applied stops the loop for 15 s")
            .remedy("Compute an RFC 6902 patch from the object that was sent.")
            .when(LIFECYCLE)
            .tested(LifecycleChecks::applies),
        operator("LIF-06", "The same object gets the same patch each time.")
            .cites(ROLLOUT + "; a difference restarts the database, for ever")
            .remedy("No times, no random names, no iteration over hash maps.")
            .when(Need.EVALUATED_POD)
            .tested(LifecycleChecks::deterministic),
        operator("LIF-07", "A Pod that already has the change is left as it is.")
            .cites(
                "operator: internal/controller/cluster_create.go; a Pod is evaluated first and"
                    + " the result goes through CREATE")
            .remedy("Look whether the container, volume or label is there already.")
            .when(Need.EVALUATED_POD)
            .tested(LifecycleChecks::reentrant),
        operator("LIF-08", "CREATE and EVALUATE make the same Pod spec.")
            .cites(ROLLOUT)
            .remedy("Use one function for both.")
            .when(Need.EVALUATED_POD, Need.CREATED_POD)
            .tested(
                (s, f) -> {
                  ObjectNode evaluated = evaluated(s);
                  ObjectNode created =
                      s.hooked(CREATE, s.objects().cluster(), s.objects().file("pod-instance"));
                  f.unless(
                      evaluated.path("spec").equals(created.path("spec")),
                      "%s",
                      Texts.difference(evaluated.path("spec"), created.path("spec")));
                }),
        operator(
                "LIF-09",
                "The result is a well-formed Pod: container names unique, mounts with volumes,"
                    + " container postgres still there.")
            .cites(CLIENT + "decodes into a typed Pod; the API server validates the rest")
            .remedy("Check the patched Pod against the API's types.")
            .when(Need.EVALUATED_POD)
            .tested(
                (s, f) -> {
                  for (String name : List.of("pod-instance", "pod-instance-other-sidecar")) {
                    ObjectNode pod =
                        s.hooked(EVALUATE, s.objects().cluster(), s.objects().file(name));
                    PodShape.problems(pod).forEach(problem -> f.add("%s", problem));
                  }
                }),
        operator("LIF-10", "The sidecar and container postgres share /plugins.")
            .cites(
                "operator: the instance looks for sockets in /plugins of its own container, and no"
                    + " Pod has that volume by itself")
            .remedy("Add a volume, mount it at /plugins in both containers.")
            .when(Need.EVALUATED_POD, SIDECAR)
            .tested(
                (s, f) -> {
                  ObjectNode before = s.objects().file("pod-instance");
                  ObjectNode after = s.hooked(EVALUATE, s.objects().cluster(), before);
                  shares(before.path("spec"), after.path("spec"), "postgres", f);
                }),
        advice(
                "LIF-11",
                "The sidecar has resources, a startup probe, and no rights it does not need.")
            .cites("Pod security standard 'restricted'; PostgreSQL waits for the socket")
            .remedy(
                "Set resources, startupProbe, runAsNonRoot, readOnlyRootFilesystem and drop ALL"
                    + " capabilities.")
            .when(Need.EVALUATED_POD, SIDECAR)
            .tested(LifecycleChecks::modest),
        should("LIF-12", "A kind that was not declared gets an empty patch, no error.")
            .cites("CNPG-I is versioned; a newer operator may ask more")
            .remedy("Answer an empty patch for what the plugin does not know.")
            .when(LIFECYCLE)
            .tested(LifecycleChecks::foreign),
        operator("LIF-13", "The restore Job gets the sidecar too.")
            .cites(
                "operator: api/v1/cluster_funcs.go GetJobEnabledPluginNames; Jobs look for sockets"
                    + " in /plugins as well")
            .remedy("Declare CREATE on batch Job and inject there.")
            .when(LIFECYCLE, Need.declared(Type.TYPE_INSTANCE_JOB_SIDECAR_INJECTION))
            .tested(
                (s, f) -> {
                  if (!s.offer().has("batch", "Job", CREATE)) {
                    f.add("CREATE on Job is not declared");
                    return;
                  }
                  ObjectNode before = s.objects().file("job-full-recovery");
                  ObjectNode after = s.hooked(CREATE, s.objects().recovering(), before);
                  shares(
                      before.at("/spec/template/spec"),
                      after.at("/spec/template/spec"),
                      "full-recovery",
                      f);
                }),
        operator("LIF-14", "A Cluster that does not name the plugin gets no patch.")
            .cites("the plugin has no business there")
            .remedy("Look for the plugin in spec.plugins and externalClusters first.")
            .when(Need.EVALUATED_POD)
            .tested(
                (s, f) -> {
                  ObjectNode pod = s.objects().file("pod-instance");
                  ObjectNode after = s.hooked(EVALUATE, s.objects().withoutPlugin(), pod);
                  f.unless(pod.equals(after), "%s", Texts.difference(pod, after));
                }),
        advice("LIF-15", "DELETE is answered within 2 s and without a patch.")
            .cites(
                "operator: internal/cnpi/plugin/operatorclient/client.go patches before deleting")
            .remedy("Only take note.")
            .when(LIFECYCLE)
            .tested(LifecycleChecks::deletes),
        operator("LIF-16", "A Cluster in its first loop, or in every feature, is dealt with.")
            .cites("operator: lifecycle calls begin before the Cluster has any status")
            .remedy("Treat every optional field as absent.")
            .when(Need.EVALUATED_POD)
            .tested(
                (s, f) -> {
                  ObjectNode pod = s.objects().file("pod-instance");
                  s.hooked(EVALUATE, s.objects().cluster(), pod);
                  refused(s, f, s.objects().firstLoop(), pod, "first loop");
                  ObjectNode large = s.objects().file("pod-instance-wal-tablespaces");
                  refused(s, f, s.objects().rich(), large, "every feature");
                }),
        operator("LIF-17", "A patch leaves kind, apiVersion, name and namespace alone.")
            .cites(CLIENT + "nothing protects them; the object would be another one")
            .remedy("Patch spec, labels and annotations only.")
            .when(LIFECYCLE)
            .tested(LifecycleChecks::identity),
        operator("LIF-18", "Cluster, FailoverQuorum and PodMonitor are never patched.")
            .cites(CLIENT + "decodes with the built-in scheme, which lacks them: the loop fails")
            .remedy("Observe these kinds only.")
            .when(LIFECYCLE)
            .tested(LifecycleChecks::undecodable),
        operator("LIF-19", "What another plugin put into the Pod stays as it is.")
            .cites(CLIENT + "plugins are chained by name; each gets the previous one's result")
            .remedy("Append; compute indexes from the Pod that was sent.")
            .when(Need.EVALUATED_POD)
            .tested(
                (s, f) -> {
                  ObjectNode before = s.objects().file("pod-instance-other-sidecar");
                  ObjectNode after = s.hooked(EVALUATE, s.objects().cluster(), before);
                  kept(before.path("spec"), after.path("spec"), f);
                }),
        operator("LIF-20", "A Pod's own labels and annotations stay as they are.")
            .cites(
                "operator: pkg/specs/pods.go writes cnpg.io/podSpec into the annotations after"
                    + " EVALUATE; without any it panics")
            .remedy("Add keys, remove none.")
            .when(Need.EVALUATED_POD)
            .tested(
                (s, f) -> {
                  ObjectNode before = s.objects().file("pod-instance");
                  ObjectNode after = s.hooked(EVALUATE, s.objects().cluster(), before);
                  for (String map : List.of("labels", "annotations")) {
                    JsonNode old = before.path("metadata").path(map);
                    for (String key : old.propertyNames()) {
                      f.unless(
                          old.get(key).equals(after.path("metadata").path(map).path(key)),
                          "%s of %s changed or gone",
                          key,
                          map);
                    }
                  }
                }));
  }

  private static List<OperatorLifecycleCapabilities> entries(Session session) {
    return session.offer().lifecycle().getLifecycleCapabilitiesList();
  }

  private static void complete(Session session, Findings findings) {
    for (OperatorLifecycleCapabilities entry : entries(session)) {
      String name = entry.getKind().isEmpty() ? "an entry" : entry.getKind();
      findings.unless(!entry.getKind().isEmpty(), "an entry has no kind");
      findings.unless(entry.getOperationTypesCount() > 0, "%s has no operation", name);
      findings.unless(
          !Offer.verbs(entry).contains(OperatorOperationType.Type.TYPE_UNSPECIFIED),
          "%s has an UNSPECIFIED operation",
          name);
    }
  }

  private static void duplicates(Session session, Findings findings) {
    Set<String> seen = new HashSet<>();
    for (OperatorLifecycleCapabilities entry : entries(session)) {
      for (OperatorOperationType.Type verb : Offer.verbs(entry)) {
        String name = entry.getGroup() + "/" + entry.getKind() + " " + verb;
        findings.unless(seen.add(name), "%s is named twice", name);
      }
    }
  }

  /** The Cluster that goes with an object of the built-in set. */
  private static ObjectNode clusterFor(Session session, String object) {
    return switch (object) {
      case "job-full-recovery", "job-snapshot-recovery" -> session.objects().recovering();
      case "pod-instance-wal-tablespaces", "pvc-wal" -> session.objects().rich();
      default -> session.objects().cluster();
    };
  }

  /** One call that the operator would make. */
  private record Case(OperatorOperationType.Type verb, String object) {}

  private static List<Case> declared(Session session) {
    List<Case> cases = new ArrayList<>();
    for (OperatorLifecycleCapabilities entry : entries(session)) {
      String key = entry.getGroup() + "/" + entry.getKind();
      for (OperatorOperationType.Type verb : Offer.verbs(entry)) {
        if (verb != OperatorOperationType.Type.UNRECOGNIZED
            && verb != OperatorOperationType.Type.TYPE_UNSPECIFIED) {
          OBJECTS.getOrDefault(key, List.of()).forEach(name -> cases.add(new Case(verb, name)));
        }
      }
    }
    return cases;
  }

  private static void applies(Session session, Findings findings) {
    for (Case each : declared(session)) {
      ObjectNode object = session.objects().file(each.object);
      try {
        Patch.apply(object, session.hook(each.verb, clusterFor(session, each.object), object));
      } catch (PatchException | StatusRuntimeException e) {
        findings.add("%s on %s: %s", each.verb, each.object, e.getMessage());
      }
    }
  }

  private static void deterministic(Session session, Findings findings) {
    for (String name : List.of("pod-instance", "pod-instance-other-sidecar")) {
      ObjectNode pod = session.objects().file(name);
      ObjectNode first = session.hooked(EVALUATE, session.objects().cluster(), pod);
      for (int i = 1; i < session.options().repeat(); i++) {
        ObjectNode other = session.hooked(EVALUATE, session.objects().cluster(), pod);
        if (!other.equals(first)) {
          findings.add("call %d on %s: %s", i + 1, name, Texts.difference(first, other));
          break;
        }
      }
    }
  }

  /** The bare Pod after EVALUATE, if that is the same each time. */
  private static ObjectNode evaluated(Session session) {
    ObjectNode pod = session.objects().file("pod-instance");
    ObjectNode first = session.hooked(EVALUATE, session.objects().cluster(), pod);
    if (!first.equals(session.hooked(EVALUATE, session.objects().cluster(), pod))) {
      throw new UndecidedException("the hook is not deterministic, see LIF-06");
    }
    return first;
  }

  private static void reentrant(Session session, Findings findings) {
    ObjectNode once = evaluated(session);
    ObjectNode twice = session.hooked(EVALUATE, session.objects().cluster(), once);
    findings.unless(
        once.equals(twice), "EVALUATE of its own result: %s", Texts.difference(once, twice));
    if (session.offer().has("", "Pod", CREATE) && findings.none()) {
      ObjectNode sent = asCreated(session, once);
      ObjectNode created = session.hooked(CREATE, session.objects().cluster(), sent);
      findings.unless(
          once.path("spec").equals(created.path("spec")),
          "CREATE after EVALUATE: %s",
          Texts.difference(once.path("spec"), created.path("spec")));
    }
  }

  /** What the operator adds between EVALUATE and CREATE: owner, annotations, the stored spec. */
  private static ObjectNode asCreated(Session session, ObjectNode evaluated) {
    ObjectNode pod = evaluated.deepCopy();
    ObjectNode metadata = pod.withObject("metadata");
    JsonNode full = session.objects().file("pod-instance-create").path("metadata");
    metadata.set("ownerReferences", full.path("ownerReferences"));
    ObjectNode annotations = metadata.withObject("annotations");
    for (String key : full.path("annotations").propertyNames()) {
      annotations.set(key, full.path("annotations").get(key));
    }
    annotations.put("cnpg.io/podSpec", Json.text(evaluated.path("spec")));
    return pod;
  }

  private static List<JsonNode> added(JsonNode before, JsonNode after) {
    Set<String> old = new HashSet<>();
    PodShape.containers(before).forEach(container -> old.add(name(container)));
    return PodShape.containers(after).stream()
        .filter(container -> !old.contains(name(container)))
        .toList();
  }

  private static String name(JsonNode node) {
    return node.path("name").asString("");
  }

  private static void shares(JsonNode before, JsonNode after, String main, Findings findings) {
    List<JsonNode> added = added(before, after);
    if (added.isEmpty()) {
      findings.add("no container was added");
      return;
    }
    Set<String> own = new HashSet<>();
    added.forEach(container -> own.addAll(volumesAt(container)));
    findings.unless(!own.isEmpty(), "no added container mounts /plugins");
    for (JsonNode container : PodShape.containers(after)) {
      if (name(container).equals(main)) {
        findings.unless(
            own.isEmpty() || volumesAt(container).stream().anyMatch(own::contains),
            "container %s does not mount the sidecar's volume at /plugins",
            main);
      }
    }
  }

  private static Set<String> volumesAt(JsonNode container) {
    Set<String> volumes = new HashSet<>();
    for (JsonNode mount : container.path("volumeMounts")) {
      if (mount.path("mountPath").asString("").replaceAll("/+$", "").equals("/plugins")) {
        volumes.add(name(mount));
      }
    }
    return volumes;
  }

  private static void modest(Session session, Findings findings) {
    ObjectNode before = session.objects().file("pod-instance");
    ObjectNode after = session.hooked(EVALUATE, session.objects().cluster(), before);
    JsonNode pod = after.path("spec").path("securityContext");
    for (JsonNode container : added(before.path("spec"), after.path("spec"))) {
      String name = name(container);
      JsonNode security = container.path("securityContext");
      findings.unless(
          container.path("resources").has("requests"), "%s has no resource requests", name);
      findings.unless(container.has("startupProbe"), "%s has no startup probe", name);
      findings.unless(
          security.path("runAsNonRoot").asBoolean(pod.path("runAsNonRoot").asBoolean(false)),
          "%s may run as root",
          name);
      findings.unless(
          security.path("readOnlyRootFilesystem").asBoolean(false),
          "%s may write to its image",
          name);
      findings.unless(
          security.at("/capabilities/drop").toString().contains("ALL"),
          "%s keeps capabilities",
          name);
    }
  }

  private static void foreign(Session session, Findings findings) {
    Set<String> kinds = new HashSet<>();
    entries(session).forEach(entry -> kinds.add(entry.getGroup() + "/" + entry.getKind()));
    for (Map.Entry<String, List<String>> each : OBJECTS.entrySet()) {
      if (!kinds.contains(each.getKey())) {
        ObjectNode object = session.objects().file(each.getValue().getFirst());
        try {
          ByteString patch = session.hook(CREATE, session.objects().cluster(), object);
          findings.unless(
              Patch.apply(object, patch).equals(object), "%s was patched", each.getKey());
        } catch (PatchException | StatusRuntimeException e) {
          findings.add("%s: %s", each.getKey(), e.getMessage());
        }
      }
    }
  }

  private static void deletes(Session session, Findings findings) {
    for (OperatorLifecycleCapabilities entry : entries(session)) {
      if (Offer.verbs(entry).contains(DELETE)) {
        String key = entry.getGroup() + "/" + entry.getKind();
        for (String file : OBJECTS.getOrDefault(key, List.of())) {
          ObjectNode object = session.objects().file(file);
          long start = System.nanoTime();
          ObjectNode after = session.hooked(DELETE, session.objects().cluster(), object);
          Duration took = Duration.ofNanos(System.nanoTime() - start);
          findings.unless(took.compareTo(QUICK) < 0, "%s: took %d ms", file, took.toMillis());
          findings.unless(after.equals(object), "%s was patched", file);
        }
      }
    }
  }

  private static void refused(
      Session session, Findings findings, ObjectNode cluster, ObjectNode pod, String shape) {
    try {
      Patch.apply(pod, session.hook(EVALUATE, cluster, pod));
    } catch (PatchException | StatusRuntimeException e) {
      findings.add("%s: %s", shape, e.getMessage());
    }
  }

  private static void identity(Session session, Findings findings) {
    for (Case each : declared(session)) {
      ObjectNode before = session.objects().file(each.object);
      ObjectNode after = session.hooked(each.verb, clusterFor(session, each.object), before);
      for (String pointer :
          List.of("/kind", "/apiVersion", "/metadata/name", "/metadata/namespace")) {
        findings.unless(
            before.at(pointer).equals(after.at(pointer)),
            "%s on %s: %s became %s",
            each.verb,
            each.object,
            pointer,
            after.at(pointer));
      }
    }
  }

  private static void undecodable(Session session, Findings findings) {
    Map<String, ObjectNode> objects = new LinkedHashMap<>();
    objects.put("postgresql.cnpg.io/Cluster", session.objects().cluster());
    objects.put("monitoring.coreos.com/PodMonitor", session.objects().file("podmonitor"));
    objects.put("postgresql.cnpg.io/FailoverQuorum", quorum());
    for (OperatorLifecycleCapabilities entry : entries(session)) {
      ObjectNode object = objects.get(entry.getGroup() + "/" + entry.getKind());
      if (object != null) {
        for (OperatorOperationType.Type verb : Offer.verbs(entry)) {
          ByteString patch =
              session.fresh(
                  "LifecycleHook", () -> session.hook(verb, session.objects().cluster(), object));
          ObjectNode after = session.fresh("LifecycleHook", () -> Patch.apply(object, patch));
          findings.unless(after.equals(object), "%s on %s patches", verb, entry.getKind());
        }
      }
    }
  }

  private static ObjectNode quorum() {
    return (ObjectNode)
        Json.read(
            """
            {"kind": "FailoverQuorum", "apiVersion": "postgresql.cnpg.io/v1",
             "metadata": {"name": "orders", "namespace": "app"}, "status": {}}
            """);
  }

  private static void kept(JsonNode before, JsonNode after, Findings findings) {
    Map<String, JsonNode> containers = new LinkedHashMap<>();
    PodShape.containers(after).forEach(each -> containers.putIfAbsent(name(each), each));
    for (JsonNode old : PodShape.containers(before)) {
      JsonNode now = containers.get(name(old));
      if (now == null) {
        findings.add("container %s is gone", name(old));
      } else if (!name(old).equals("postgres")) {
        findings.unless(old.equals(now), "container %s: %s", name(old), Texts.difference(old, now));
      } else {
        findings.unless(
            old.path("image").equals(now.path("image")), "the image of postgres changed");
      }
    }
    Set<String> volumes = new HashSet<>();
    after.path("volumes").forEach(volume -> volumes.add(name(volume)));
    for (JsonNode volume : before.path("volumes")) {
      findings.unless(volumes.contains(name(volume)), "volume %s is gone", name(volume));
    }
  }
}
