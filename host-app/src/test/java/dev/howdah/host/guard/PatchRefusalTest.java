package dev.howdah.host.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.howdah.host.OperatorObjects;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Changes of objects that would do harm, and are refused. */
class PatchRefusalTest {

  private static final String PLUGIN = "labels.example.com";

  private final PatchGuard guard = new PatchGuard();
  private final byte[] pod = OperatorObjects.json("pod-instance");

  @Test
  void aMissingAnswerIsRefused() {
    assertRefused(
        GuardRule.ANSWER_MISSING,
        () -> guard.lifecyclePatch(PLUGIN, OperatorObject.parse(pod), null));
  }

  @Test
  void anotherNameNamespaceOrOwnerIsRefused() {
    byte[] created = OperatorObjects.json("pod-instance-create");

    assertRefused(GuardRule.PATCH_IDENTITY, created, it -> it.getMetadata().setName("other"));
    assertRefused(GuardRule.PATCH_IDENTITY, created, it -> it.getMetadata().setNamespace("other"));
    assertRefused(GuardRule.PATCH_IDENTITY, created, it -> it.getMetadata().setUid("other"));
    assertRefused(GuardRule.PATCH_IDENTITY, created, it -> it.getMetadata().setGenerateName("p-"));
    assertRefused(GuardRule.PATCH_IDENTITY, created, it -> it.setKind("Job"));
    assertRefused(GuardRule.PATCH_IDENTITY, created, it -> it.setApiVersion("v2"));
    assertRefused(
        GuardRule.PATCH_IDENTITY,
        created,
        it -> it.getMetadata().setOwnerReferences(new ArrayList<>()));
  }

  @Test
  void aPodWithoutItsPostgresContainerIsRefused() {
    GuardViolation violation =
        assertRefused(
            GuardRule.PATCH_CONTAINERS, pod, it -> it.getSpec().setContainers(new ArrayList<>()));

    assertThat(violation).hasMessageContaining("'postgres'").hasMessageContaining(PLUGIN);
  }

  @Test
  void theContainerThatInstallsTheInstanceManagerCannotBeRemoved() {
    assertRefused(
        GuardRule.PATCH_CONTAINERS,
        pod,
        it ->
            it.getSpec()
                .getInitContainers()
                .removeIf(c -> c.getName().equals("bootstrap-controller")));
  }

  @Test
  void twoContainersOfOneNameAreRefused() {
    assertRefused(
        GuardRule.PATCH_CONTAINERS,
        pod,
        it ->
            it.getSpec()
                .getInitContainers()
                .add(new ContainerBuilder().withName("postgres").withImage("x").build()));
  }

  @Test
  void aContainerWithoutNameIsRefused() {
    assertRefused(
        GuardRule.PATCH_CONTAINERS, pod, it -> it.getSpec().getContainers().add(new Container()));
  }

  @Test
  void theContainerOfAJobCannotBeRemoved() {
    byte[] original = OperatorObjects.json("job-initdb");
    Job job = OperatorObject.parse(original).as(Job.class);
    job.getSpec()
        .getTemplate()
        .getSpec()
        .setContainers(List.of(new ContainerBuilder().withName("other").build()));

    assertRefused(
        GuardRule.PATCH_CONTAINERS,
        () -> guard.lifecyclePatch(PLUGIN, OperatorObject.parse(original), job));
  }

  @Test
  void removingAllAnnotationsOfAPodIsRefused() {
    assertRefused(
        GuardRule.PATCH_ANNOTATIONS, pod, it -> it.getMetadata().setAnnotations(new HashMap<>()));
    assertRefused(GuardRule.PATCH_ANNOTATIONS, pod, it -> it.getMetadata().setAnnotations(null));
  }

  @Test
  void kindsThatTheOperatorCannotDecodeCanBeSeenButNotChanged() {
    for (String name : List.of("cluster-minimal", "podmonitor")) {
      byte[] original = OperatorObjects.json(name);
      GenericKubernetesResource object =
          OperatorObject.parse(original).as(GenericKubernetesResource.class);
      assertThat(guard.lifecyclePatch(PLUGIN, OperatorObject.parse(original), object)).isEmpty();

      object.getMetadata().setLabels(Map.of("a", "b"));

      assertRefused(
          GuardRule.PATCH_KIND,
          () -> guard.lifecyclePatch(PLUGIN, OperatorObject.parse(original), object));
    }
    byte[] quorum =
        "{\"apiVersion\":\"postgresql.cnpg.io/v1\",\"kind\":\"FailoverQuorum\",\"metadata\":{\"name\":\"orders\"}}"
            .getBytes(StandardCharsets.UTF_8);
    GenericKubernetesResource object =
        OperatorObject.parse(quorum).as(GenericKubernetesResource.class);
    object.getMetadata().setLabels(Map.of("a", "b"));
    assertRefused(
        GuardRule.PATCH_KIND,
        () -> guard.lifecyclePatch(PLUGIN, OperatorObject.parse(quorum), object));
  }

  @Test
  void anObjectThatItsModelDoesNotReadBackIsRefused() {
    Pod twice = OperatorObject.parse(pod).as(Pod.class);
    // Beside the model's own field, so that the JSON has it twice.
    twice.getSpec().getContainers().getFirst().getAdditionalProperties().put("name", "postgres2");

    assertThat(
            catchThrowableOfType(
                GuardViolation.class,
                () -> guard.lifecyclePatch(PLUGIN, OperatorObject.parse(pod), twice)))
        .isNotNull();
  }

  @Test
  void anObjectThatCannotBeWrittenAsJsonIsRefused() {
    Pod circular = OperatorObject.parse(pod).as(Pod.class);
    Map<String, Object> ring = new HashMap<>();
    ring.put("ring", ring);
    circular.setAdditionalProperty("ring", ring);

    assertRefused(
        GuardRule.PATCH_UNFAITHFUL,
        () -> guard.lifecyclePatch(PLUGIN, OperatorObject.parse(pod), circular));
  }

  @Test
  void aRequestThatIsNoObjectIsTheCallersFault() {
    Map<String, String> wrong =
        Map.of(
            "", "has no apiVersion or no kind",
            "null", "has no apiVersion or no kind",
            "[]", "has no apiVersion or no kind",
            "{\"spec\":1}", "has no apiVersion or no kind",
            "\"pod\"", "has no apiVersion or no kind",
            "{", "not valid JSON",
            "{}x", "not valid JSON",
            "{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}", "not the JSON of a Pod with metadata");
    for (String garbage : wrong.keySet()) {
      assertThatThrownBy(
              () -> OperatorObject.parse(garbage.getBytes(StandardCharsets.UTF_8)).as(Pod.class))
          .as(garbage)
          .isInstanceOf(PluginException.class)
          .hasMessageContaining(wrong.get(garbage))
          .extracting(failure -> ((PluginException) failure).kind())
          .isEqualTo(PluginException.Kind.INVALID);
    }
  }

  @Test
  void defaultsCannotMakeAnotherClusterOrChangeItsStatus() {
    Cluster before = OperatorObjects.cluster("cluster-minimal");

    assertRefused(
        GuardRule.PATCH_IDENTITY,
        () ->
            guard.clusterPatch(
                PLUGIN,
                before,
                before.with(json -> json.withObject("/metadata").put("name", "x"))));
    assertRefused(
        GuardRule.PATCH_IDENTITY,
        () ->
            guard.clusterPatch(
                PLUGIN, before, before.with(json -> json.withObject("/status").put("phase", "x"))));
    assertRefused(GuardRule.ANSWER_MISSING, () -> guard.clusterPatch(PLUGIN, before, null));
  }

  @Test
  void whatIsRefusedIsRefusedEachTime() {
    for (int time = 0; time < 2; time++) {
      assertRefused(GuardRule.PATCH_IDENTITY, pod, it -> it.getMetadata().setName("other"));
    }
  }

  private GuardViolation assertRefused(GuardRule rule, byte[] original, Consumer<Pod> change) {
    Pod changed = OperatorObject.parse(original).as(Pod.class);
    change.accept(changed);
    return assertRefused(
        rule, () -> guard.lifecyclePatch(PLUGIN, OperatorObject.parse(original), changed));
  }

  private static GuardViolation assertRefused(GuardRule rule, ThrowingCallable call) {
    return GuardAssertions.assertRefused(PLUGIN, rule, call);
  }
}
