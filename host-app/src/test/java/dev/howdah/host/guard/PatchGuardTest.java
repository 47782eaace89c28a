package dev.howdah.host.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.OperatorObjects;
import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** From what a plugin made of an object to the patch that gives exactly that. */
class PatchGuardTest {

  private static final String PLUGIN = "labels.example.com";
  private static final Map<String, Class<? extends HasMetadata>> OBJECTS = new LinkedHashMap<>();

  static {
    for (String pod :
        List.of(
            "pod-instance",
            "pod-instance-create",
            "pod-instance-create-other-sidecar",
            "pod-instance-other-sidecar",
            "pod-instance-wal-tablespaces")) {
      OBJECTS.put(pod, Pod.class);
    }
    for (String job :
        List.of(
            "job-full-recovery",
            "job-initdb",
            "job-join",
            "job-major-upgrade",
            "job-snapshot-recovery")) {
      OBJECTS.put(job, Job.class);
    }
    OBJECTS.put("pvc-data", PersistentVolumeClaim.class);
    OBJECTS.put("pvc-wal", PersistentVolumeClaim.class);
    OBJECTS.put("service-r", Service.class);
    OBJECTS.put("service-rw", Service.class);
    OBJECTS.put("secret-app", Secret.class);
    OBJECTS.put("configmap", ConfigMap.class);
    OBJECTS.put("serviceaccount", ServiceAccount.class);
    OBJECTS.put("role", Role.class);
    OBJECTS.put("rolebinding", RoleBinding.class);
    OBJECTS.put("pdb", PodDisruptionBudget.class);
    OBJECTS.put("lease", Lease.class);
  }

  private final PatchGuard guard = new PatchGuard();
  private final byte[] pod = OperatorObjects.json("pod-instance");

  static List<String> objects() {
    return List.copyOf(OBJECTS.keySet());
  }

  @ParameterizedTest
  @MethodSource("objects")
  void anUnchangedObjectNeedsNoPatch(String name) {
    byte[] original = OperatorObjects.json(name);

    HasMetadata untouched = OperatorObject.parse(original).as(OBJECTS.get(name));

    assertThat(guard.lifecyclePatch(PLUGIN, OperatorObject.parse(original), untouched)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("objects")
  void aNewLabelIsOneOperation(String name) {
    byte[] original = OperatorObjects.json(name);
    HasMetadata changed = OperatorObject.parse(original).as(OBJECTS.get(name));
    Map<String, String> labels = new HashMap<>();
    if (changed.getMetadata().getLabels() != null) {
      labels.putAll(changed.getMetadata().getLabels());
    }
    labels.put("example.com/~team", "blue");
    changed.getMetadata().setLabels(labels);

    byte[] patch = guard.lifecyclePatch(PLUGIN, OperatorObject.parse(original), changed);

    assertThat(operations(patch)).hasSize(1);
    assertThat(patched(original, patch).at("/metadata/labels/example.com~1~0team").stringValue())
        .isEqualTo("blue");
  }

  @Test
  void fieldsThatTheModelDoesNotKnowSurvive() {
    ObjectNode future = (ObjectNode) read(pod);
    future.put("newTopLevelField", "kept");
    ((ObjectNode) future.at("/spec")).putObject("newSpecField").put("deep", 1);
    ((ObjectNode) future.at("/spec/containers/0")).put("newContainerField", true);
    ((ObjectNode) future.at("/metadata")).putNull("creationTimestamp");
    ((ObjectNode) future.at("/spec")).putArray("hostAliases");
    byte[] original = bytes(future);

    byte[] patch =
        guard.lifecyclePatch(PLUGIN, OperatorObject.parse(original), withSidecar(original));

    JsonNode result = patched(original, patch);
    assertThat(result.at("/newTopLevelField").stringValue()).isEqualTo("kept");
    assertThat(result.at("/spec/newSpecField/deep").intValue()).isEqualTo(1);
    assertThat(result.at("/spec/containers/0/newContainerField").booleanValue()).isTrue();
    assertThat(result.at("/metadata").has("creationTimestamp")).isTrue();
    assertThat(result.at("/spec").has("hostAliases")).isTrue();
    assertThat(names(result.at("/spec/initContainers"))).contains("sidecar");
  }

  @Test
  void aFieldOfAnUnexpectedTypeSurvives() {
    ObjectNode odd = (ObjectNode) read(pod);
    ((ObjectNode) odd.at("/spec")).put("terminationGracePeriodSeconds", "soon");
    byte[] original = bytes(odd);

    byte[] patch =
        guard.lifecyclePatch(PLUGIN, OperatorObject.parse(original), withSidecar(original));

    assertThat(patched(original, patch).at("/spec/terminationGracePeriodSeconds").stringValue())
        .isEqualTo("soon");
  }

  @Test
  void theSameChangeGetsTheSamePatchFromMemoryAndAnotherChangeItsOwn() {
    byte[] first = guard.lifecyclePatch(PLUGIN, OperatorObject.parse(pod), labelled("a"));
    byte[] again = guard.lifecyclePatch(PLUGIN, OperatorObject.parse(pod), labelled("a"));
    byte[] other = guard.lifecyclePatch(PLUGIN, OperatorObject.parse(pod), labelled("b"));
    ObjectNode moreLabels = (ObjectNode) read(pod);
    ((ObjectNode) moreLabels.at("/metadata/labels")).put("example.com/old", "x");
    byte[] fromAnother =
        guard.lifecyclePatch(PLUGIN, OperatorObject.parse(bytes(moreLabels)), labelled("a"));

    assertThat(again).isEqualTo(first).isNotSameAs(first);
    assertThat(operations(other)).isNotEqualTo(operations(first));
    assertThat(fromAnother).isNotEqualTo(first);
    // What a caller does with its answer is its own affair.
    again[0] = 'x';
    assertThat(guard.lifecyclePatch(PLUGIN, OperatorObject.parse(pod), labelled("a")))
        .isEqualTo(first);
  }

  private Pod labelled(String value) {
    Pod labelled = OperatorObject.parse(pod).as(Pod.class);
    labelled.getMetadata().getLabels().put("example.com/team", value);
    return labelled;
  }

  @Test
  void theObjectThatWasDecodedMayBeChangedInPlace() {
    Pod changed = OperatorObject.parse(pod).as(Pod.class);
    changed.getMetadata().getLabels().put("a", "b");

    assertThat(guard.lifecyclePatch(PLUGIN, OperatorObject.parse(pod), changed)).isNotEmpty();
  }

  @Test
  void theSameObjectsGiveTheSameBytesWhateverMapThePluginUses() {
    Pod one = OperatorObject.parse(pod).as(Pod.class);
    Pod other = OperatorObject.parse(pod).as(Pod.class);
    Map<String, String> ascending = new LinkedHashMap<>(one.getMetadata().getAnnotations());
    Map<String, String> descending = new LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      ascending.put("example.com/" + i, "x");
      descending.put("example.com/" + (19 - i), "x");
    }
    descending.putAll(other.getMetadata().getAnnotations());
    one.getMetadata().setAnnotations(ascending);
    other.getMetadata().setAnnotations(descending);

    assertThat(guard.lifecyclePatch(PLUGIN, OperatorObject.parse(pod), one))
        .isEqualTo(guard.lifecyclePatch(PLUGIN, OperatorObject.parse(pod), other));
  }

  @Property(tries = 150)
  void whateverIsEditedThePatchGivesExactlyThat(
      @ForAll("objectNames") String name, @ForAll("edits") List<Edit> edits) {
    byte[] original = OperatorObjects.json(name);
    HasMetadata wanted = OperatorObject.parse(original).as(OBJECTS.get(name));
    edits.forEach(edit -> edit.accept(wanted));

    byte[] patch = guard.lifecyclePatch(PLUGIN, OperatorObject.parse(original), wanted);

    byte[] result = patch.length == 0 ? original : bytes(patched(original, patch));
    HasMetadata reread = OperatorObject.parse(result).as(OBJECTS.get(name));
    assertThat(ModelJson.tree(reread)).isEqualTo(ModelJson.tree(wanted));
    assertThat(guard.lifecyclePatch(PLUGIN, OperatorObject.parse(original), wanted))
        .isEqualTo(patch);
    assertThat(guard.lifecyclePatch(PLUGIN, OperatorObject.parse(result), reread)).isEmpty();
  }

  /** A change with a name, so that a failure can be read. */
  record Edit(String name, Consumer<HasMetadata> change) implements Consumer<HasMetadata> {
    @Override
    public void accept(HasMetadata object) {
      change.accept(object);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  @Provide
  Arbitrary<String> objectNames() {
    return Arbitraries.of(objects());
  }

  @Provide
  Arbitrary<List<Edit>> edits() {
    Arbitrary<String> word = Arbitraries.strings().ofLength(3).withChars("ab~/.\"é ");
    Arbitrary<Edit> label =
        word.map(
            key ->
                new Edit(
                    "label " + key,
                    object -> {
                      Map<String, String> labels = new HashMap<>();
                      if (object.getMetadata().getLabels() != null) {
                        labels.putAll(object.getMetadata().getLabels());
                      }
                      labels.merge(key, "v", String::concat);
                      object.getMetadata().setLabels(labels);
                    }));
    Arbitrary<Edit> noLabels =
        Arbitraries.just(
            new Edit("no labels", object -> object.getMetadata().setLabels(new HashMap<>())));
    Arbitrary<Edit> environment =
        word.map(
            value ->
                new Edit(
                    "env " + value,
                    onPods(
                        spec ->
                            spec.getContainers()
                                .getFirst()
                                .getEnv()
                                .addFirst(new EnvVar("E", value, null)))));
    Arbitrary<Edit> sidecar =
        Arbitraries.integers()
            .between(0, 3)
            .map(
                at ->
                    new Edit(
                        "sidecar at " + at,
                        onPods(
                            spec -> {
                              if (spec.getInitContainers().stream()
                                  .noneMatch(one -> one.getName().equals("sidecar"))) {
                                spec.getInitContainers()
                                    .add(Math.min(at, spec.getInitContainers().size()), sidecar());
                              }
                            })));
    Arbitrary<Edit> volumesGone =
        Arbitraries.just(
            new Edit(
                "first volume gone",
                onPods(
                    spec -> {
                      if (!spec.getVolumes().isEmpty()) {
                        spec.getVolumes().removeFirst();
                      }
                    })));
    Arbitrary<Edit> volumesTurned =
        Arbitraries.just(
            new Edit(
                "volumes turned round",
                onPods(spec -> spec.setVolumes(spec.getVolumes().reversed()))));
    return Arbitraries.oneOf(label, noLabels, environment, sidecar, volumesGone, volumesTurned)
        .list()
        .ofMaxSize(8);
  }

  private static Consumer<HasMetadata> onPods(Consumer<PodSpec> change) {
    return object -> {
      if (object instanceof Pod one) {
        change.accept(one.getSpec());
      } else if (object instanceof Job job) {
        change.accept(job.getSpec().getTemplate().getSpec());
      }
    };
  }

  @Test
  void aDefaultInAClusterIsOneOperation() {
    Cluster before = OperatorObjects.cluster("cluster-nokind");
    Cluster after = before.with(json -> json.withObject("/metadata/labels").put("a/b", "c"));

    byte[] patch = guard.clusterPatch(PLUGIN, before, after);

    assertThat(operations(patch)).hasSize(1);
    assertThat(Cluster.decode(bytes(patched(before.toBytes(), patch)))).isEqualTo(after);
    assertThat(guard.clusterPatch(PLUGIN, before, before)).isEmpty();
  }

  private Pod withSidecar(byte[] original) {
    return new PodBuilder(OperatorObject.parse(original).as(Pod.class))
        .editSpec()
        .addToInitContainers(sidecar())
        .addToVolumes(
            new VolumeBuilder().withName("plugins").withNewEmptyDir().endEmptyDir().build())
        .endSpec()
        .build();
  }

  private static Container sidecar() {
    return new ContainerBuilder()
        .withName("sidecar")
        .withImage("registry.example.com/sidecar:1")
        .withRestartPolicy("Always")
        .build();
  }

  private static ArrayNode operations(byte[] patch) {
    return (ArrayNode) read(patch);
  }

  /** Applied by an implementation of RFC 6902 other than the one that made the patch. */
  private static JsonNode patched(byte[] original, byte[] patch) {
    return Rfc6902.apply(operations(patch), read(original));
  }

  private static List<String> names(JsonNode containers) {
    List<String> names = new ArrayList<>();
    containers.forEach(container -> names.add(container.path("name").asString()));
    return names;
  }

  private static JsonNode read(byte[] json) {
    return new JsonMapper().readTree(json);
  }

  private static byte[] bytes(JsonNode node) {
    return new JsonMapper().writeValueAsBytes(node);
  }
}
