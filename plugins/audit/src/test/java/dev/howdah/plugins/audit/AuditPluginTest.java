package dev.howdah.plugins.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugin.cluster.Backup;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.lifecycle.LifecycleContext;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.postgres.DesiredParametersHook;
import dev.howdah.plugin.reconcile.ReconcileStage;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugin.registry.ObserverRegistration;
import dev.howdah.plugin.registry.RegisteredHooks;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class AuditPluginTest {

  private static final Path OBJECTS =
      Path.of("../../plugin-testkit/src/main/resources/dev/howdah/testkit/objects");
  private static final JsonMapper JSON = new JsonMapper();

  private final List<AuditEvent> published = new ArrayList<>();
  private RegisteredHooks hooks;
  private Cluster cluster;

  @BeforeEach
  void register() throws IOException {
    hooks = HookRegistry.collect(new AuditPlugin(published::add));
    cluster = Cluster.decode(bytes("cluster-minimal.json"));
  }

  private static byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(OBJECTS.resolve(file));
  }

  /** Does what the host does: gives the object to every observer of its kind and operation. */
  private void observe(LifecycleOperation operation, String file) throws IOException {
    ObjectNode object = (ObjectNode) JSON.readTree(bytes(file));
    for (ObserverRegistration<?> registration : hooks.observers()) {
      if (registration.type().kind().equals(object.path("kind").stringValue())
          && registration.operations().contains(operation)) {
        observe(registration, object, operation);
      }
    }
  }

  private <T extends HasMetadata> void observe(
      ObserverRegistration<T> registration, ObjectNode object, LifecycleOperation operation) {
    registration
        .observer()
        .observed(
            JSON.treeToValue(object, registration.type().model()),
            new Context(cluster, Map.of(), operation));
  }

  private void loop(ReconcileStage stage, Optional<Backup> backup) {
    hooks
        .reconcileObservers()
        .forEach(
            observer ->
                observer.observed(
                    stage, backup, new Context(cluster, Map.of(), LifecycleOperation.CREATE)));
  }

  @ParameterizedTest
  @CsvSource({
    "pod-instance-create.json, Pod, ''",
    "job-initdb.json, Job, batch",
    "pvc-data.json, PersistentVolumeClaim, ''",
    "service-rw.json, Service, ''",
    "secret-app.json, Secret, ''",
    "configmap.json, ConfigMap, ''",
    "serviceaccount.json, ServiceAccount, ''",
    "role.json, Role, rbac.authorization.k8s.io",
    "rolebinding.json, RoleBinding, rbac.authorization.k8s.io",
    "pdb.json, PodDisruptionBudget, policy",
    "lease.json, Lease, coordination.k8s.io",
  })
  void every_kind_that_the_operator_creates_is_published_as_intended(
      String file, String kind, String group) throws IOException {
    observe(LifecycleOperation.CREATE, file);

    assertThat(published).hasSize(1);
    AuditEvent event = published.getFirst();
    assertThat(event.action()).isEqualTo("object.create");
    assertThat(event.intended()).isTrue();
    assertThat(event.object().orElseThrow().kind()).isEqualTo(kind);
    assertThat(event.object().orElseThrow().group()).isEqualTo(group);
    assertThat(event.cluster().orElseThrow().name()).isEqualTo("orders");
    assertThat(event.payload()).isPresent();
  }

  @Test
  void a_pod_monitor_is_published_when_it_is_patched() throws IOException {
    observe(LifecycleOperation.PATCH, "podmonitor.json");

    assertThat(published).singleElement().extracting(AuditEvent::action).isEqualTo("object.patch");
  }

  @Test
  void evaluations_are_questions_and_leave_no_trace() throws IOException {
    observe(LifecycleOperation.EVALUATE, "pod-instance.json");

    assertThat(published).isEmpty();
  }

  @Test
  void what_comes_again_in_every_loop_is_published_once() throws IOException {
    for (int loop = 0; loop < 5; loop++) {
      observe(LifecycleOperation.CREATE, "lease.json");
      observe(LifecycleOperation.CREATE, "rolebinding.json");
    }

    assertThat(published).hasSize(2);
  }

  @Test
  void what_is_created_again_after_a_deletion_is_published_again() throws IOException {
    observe(LifecycleOperation.CREATE, "pod-instance-create.json");
    observe(LifecycleOperation.DELETE, "pod-instance-create.json");
    observe(LifecycleOperation.CREATE, "pod-instance-create.json");

    assertThat(published.stream().map(AuditEvent::action))
        .containsExactly("object.create", "object.delete", "object.create");
    assertThat(published.get(1).payload()).isEmpty();
  }

  @Test
  void of_a_secret_nothing_but_its_name_leaves_the_plugin() throws IOException {
    observe(LifecycleOperation.CREATE, "secret-app.json");

    assertThat(published.toString()).contains("orders-app").doesNotContain("NotARealPassword");
    assertThat(published.getFirst().payload().orElseThrow().toString())
        .isEqualTo(
            "{\"apiVersion\":\"v1\",\"kind\":\"Secret\","
                + "\"metadata\":{\"namespace\":\"app\",\"name\":\"orders-app\"}}");
  }

  @Test
  void a_definition_is_published_when_it_changes_and_not_in_every_loop() {
    loop(ReconcileStage.PRE, Optional.empty());
    loop(ReconcileStage.PRE, Optional.empty());
    String first = published.getFirst().details().get("revision");
    cluster = cluster.with(json -> ((ObjectNode) json.path("spec")).put("instances", 5));
    loop(ReconcileStage.PRE, Optional.empty());

    assertThat(published.stream().map(AuditEvent::action))
        .containsExactly("cluster.definition", "cluster.definition");
    assertThat(published.get(1).details().get("previousRevision")).isEqualTo(first);
    assertThat(published.get(1).key()).isNotEqualTo(published.get(0).key());
  }

  @Test
  void who_changed_a_definition_is_called_a_guess() {
    loop(ReconcileStage.PRE, Optional.empty());

    assertThat(published.getFirst().details())
        .containsEntry("managerSource", "managedFields")
        .containsKey("manager");
  }

  @Test
  void two_replicas_give_the_same_definition_the_same_key() {
    loop(ReconcileStage.PRE, Optional.empty());
    hooks = HookRegistry.collect(new AuditPlugin(published::add));
    loop(ReconcileStage.PRE, Optional.empty());

    assertThat(published).hasSize(2);
    assertThat(published.get(0).key()).isEqualTo(published.get(1).key());
  }

  @Test
  void each_phase_of_a_backup_is_published_once() throws IOException {
    Backup started = Backup.decode(bytes("backup-plugin.json"));
    ObjectNode json = started.json();
    json.remove("status");
    loop(ReconcileStage.PRE, Optional.of(Backup.of(json)));
    loop(ReconcileStage.PRE, Optional.of(started));
    loop(ReconcileStage.PRE, Optional.of(started));

    assertThat(published.stream().map(event -> event.details().get("phase")))
        .containsExactly("new", "started");
  }

  @Test
  void the_status_changes_with_the_definition_only() {
    Object before = status(cluster);
    Cluster otherStatus =
        cluster.with(json -> ((ObjectNode) json.path("status")).put("phase", "Failing over"));
    Cluster otherSpec = cluster.with(json -> ((ObjectNode) json.path("spec")).put("instances", 5));

    assertThat(status(otherStatus)).isEqualTo(before);
    assertThat(status(otherSpec)).isNotEqualTo(before);
    assertThat(before.toString()).matches("\\{revision=[0-9a-f]{16}}");
  }

  private Object status(Cluster of) {
    return hooks
        .status()
        .orElseThrow()
        .status(new Context(of, Map.of(), LifecycleOperation.CREATE))
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"ddl | ddl, role", "write | ddl, role, write", "all | all, -misc"})
  void a_preset_is_wanted_through_the_spec(String preset, String classes) {
    assertThat(desired(preset))
        .isEqualTo(Map.of("pgaudit.log", classes, "pgaudit.log_catalog", "off"));
  }

  @Test
  void by_default_no_parameter_is_wanted() {
    assertThat(desired("off")).isEmpty();
    assertThat(AuditParameters.class.getRecordComponents()[0].getAnnotations()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "ddl", "write", "all"})
  void each_parameter_comes_with_the_reason_for_it(String preset) {
    assertThat(pgaudit().rules(context(preset)))
        .containsOnlyKeys(desired(preset).keySet())
        .allSatisfy((name, rule) -> assertThat(rule).startsWith("pgaudit " + preset + ": "));
  }

  private Map<String, String> desired(String preset) {
    return pgaudit().desired(context(preset));
  }

  private DesiredParametersHook pgaudit() {
    return hooks.desiredParameters().getFirst().hook();
  }

  private Context context(String preset) {
    return new Context(cluster, Map.of("pgaudit", preset), LifecycleOperation.CREATE);
  }

  @Test
  void nothing_can_change_an_answer() {
    assertThat(hooks.lifecycle()).isEmpty();
    assertThat(hooks.preReconcileCluster()).isEmpty();
    assertThat(hooks.instanceSide()).isFalse();
  }

  @Test
  void the_metadata_is_that_of_the_manifest() {
    assertThat(new AuditPlugin(published::add).metadata().name()).isEqualTo("audit.howdah.dev");
  }

  /** A call about a Cluster that gives the plugin these parameters. */
  private record Context(Cluster cluster, Map<String, String> values, LifecycleOperation operation)
      implements LifecycleContext {

    @Override
    public List<PluginUse> uses() {
      return List.of();
    }

    @Override
    public <P extends Record> P parameters(Class<P> type) {
      try {
        return type.getConstructor(String.class).newInstance(values.get("pgaudit"));
      } catch (ReflectiveOperationException e) {
        throw new PluginException(PluginException.Kind.INVALID, "not bound", e);
      }
    }

    @Override
    public Optional<Duration> remaining() {
      return Optional.empty();
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void onCancel(Runnable action) {}
  }
}
