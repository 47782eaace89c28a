package dev.howdah.plugins.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginException.Kind;
import dev.howdah.plugin.lifecycle.LifecycleContext;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugin.registry.LifecycleRegistration;
import dev.howdah.plugin.registry.RegisteredHooks;
import dev.howdah.plugin.wal.WalArchiveRequest;
import dev.howdah.plugins.objectstore.config.ObjectStoreApi;
import dev.howdah.plugins.objectstore.layout.BackupId;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.wal.WalFiles;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ObjectStores, Secrets and rights, with an API server on a socket. */
class KubernetesTest {

  private static final String ONE = "000000010000000000000001";
  private static final String NAME = "orders-howdah-object-store";
  private static final String STORES = "/apis/barmancloud.cnpg.io/v1/namespaces/shop/objectstores/";

  @TempDir Path scratch;

  private final ApiServerDoor door = new ApiServerDoor();
  private final KubernetesClient client = door.client();
  private ObjectStorePlugin plugin;

  @BeforeEach
  void start() {
    plugin =
        new ObjectStorePlugin(
            Configurations.in(scratch),
            Map.of("POD_NAME", "orders-1"),
            Clock.systemUTC(),
            event -> {},
            Optional.of(client));
    plugin.start();
  }

  @AfterEach
  void stop() {
    plugin.stop();
    door.close();
  }

  @Test
  void anObjectStoreIsReadFromTheApiAndItsStatusTellsTheRecoveryWindow() throws Exception {
    Path bucket = Files.createDirectory(scratch.resolve("bucket"));
    objectStore("backups", "{destinationPath: 'file://" + bucket + "'}");
    otherServersWindow();
    backupIn(bucket);
    Path wal = Files.createDirectories(scratch.resolve("pgdata/pg_wal"));
    WalFiles.ready(wal, ONE, 1);

    plugin
        .wal()
        .archive(
            new WalArchiveRequest(
                wal.resolve(ONE), CallContext.parameters(Map.of()), Optional.of(false)),
            cluster(
                "{'name': 'object-store.howdah.dev', 'isWALArchiver': true, 'parameters':"
                    + " {'barmanObjectName': 'backups'}}",
                ""));

    assertThat(bucket.resolve("orders/wals/0000000100000000/" + ONE)).exists();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(windows("backups"))
                    .containsKeys("other")
                    .hasEntrySatisfying(
                        "orders",
                        window ->
                            assertThat(window)
                                .asInstanceOf(InstanceOfAssertFactories.MAP)
                                .containsEntry("firstRecoverabilityPoint", "2026-11-01T10:30:00Z")
                                .containsEntry(
                                    "lastSuccessfulBackupTime", "2026-11-01T10:30:00Z")));
  }

  @Test
  void whatIsMissingOrForbiddenIsSaidWithWhatToDo() {
    CallContext cluster = cluster(own("backups"), "");
    assertThatThrownBy(() -> plugin.wal().status(cluster))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.kind()).isEqualTo(Kind.PRECONDITION))
        .hasMessageContaining("there is no ObjectStore backups for namespace 'shop'");

    door.refused = STORES;
    assertThatThrownBy(() -> plugin.wal().status(cluster))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.kind()).isEqualTo(Kind.PRECONDITION))
        .hasMessageContaining("a Role must allow get of objectstores.barmancloud.cnpg.io");

    door.code = 500;
    assertThatThrownBy(() -> plugin.wal().status(cluster))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
  }

  @Test
  void instancesMayReadTheObjectStoresOfTheirClusterAndNoOthers() {
    plugin.rights().grant(cluster(own("backups"), recovery("old")));

    Role role = client.rbac().roles().inNamespace("shop").withName(NAME).get();
    assertThat(role.getRules())
        .extracting(PolicyRule::getResources, PolicyRule::getVerbs, PolicyRule::getResourceNames)
        .containsExactly(
            tuple(List.of("objectstores"), List.of("get"), List.of("backups", "old")),
            tuple(List.of("objectstores/status"), List.of("patch"), List.of("backups", "old")));
    assertThat(role.getMetadata().getOwnerReferences())
        .singleElement()
        .satisfies(owner -> assertThat(owner.getUid()).isEqualTo("u-1"));
    RoleBinding binding = client.rbac().roleBindings().inNamespace("shop").withName(NAME).get();
    assertThat(binding.getRoleRef().getName()).isEqualTo(NAME);
    assertThat(binding.getSubjects())
        .singleElement()
        .satisfies(
            subject -> {
              assertThat(subject.getKind()).isEqualTo("ServiceAccount");
              assertThat(subject.getName()).isEqualTo("orders");
            });
  }

  @Test
  void rightsFollowTheClusterAndTheNextLoopsAskForNothing() {
    plugin.rights().grant(cluster(own("backups"), ""));
    int asked = door.asked.size();
    plugin.rights().grant(cluster(own("backups"), ""));
    assertThat(door.asked).hasSize(asked);

    plugin.rights().grant(cluster(own("newer"), ""));
    assertThat(client.rbac().roles().inNamespace("shop").withName(NAME).get().getRules())
        .allSatisfy(rule -> assertThat(rule.getResourceNames()).containsExactly("newer"));

    plugin.rights().grant(cluster("{'name': 'object-store.howdah.dev'}", ""));
    assertThat(client.rbac().roles().inNamespace("shop").withName(NAME).get().getRules())
        .isNullOrEmpty();
  }

  @Test
  void aRoleOfSomebodyElseIsLeftAlone() {
    Role theirs =
        new RoleBuilder()
            .withNewMetadata()
            .withName(NAME)
            .withNamespace("shop")
            .endMetadata()
            .build();
    client.resource(theirs).create();

    plugin.rights().grant(cluster(own("backups"), ""));

    assertThat(client.rbac().roles().inNamespace("shop").withName(NAME).get().getRules())
        .isNullOrEmpty();
  }

  @Test
  void aHostThatMayNotMakeRolesSaysWhatToGrant() {
    door.refused = "/apis/rbac.authorization.k8s.io/";

    assertThatThrownBy(() -> plugin.rights().grant(cluster(own("backups"), "")))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("may not make Roles and RoleBindings in namespace 'shop'");
  }

  @Test
  void theSidecarGetsTheSecretsThatTheObjectStoresName() {
    objectStore(
        "backups",
        """
        {destinationPath: 's3://b/p', endpointURL: 'https://s3.example', endpointCA: {name: ca, key: ca.crt},
         s3Credentials: {accessKeyId: {name: keys, key: id}, secretAccessKey: {name: keys, key: secret}}}
        """);
    objectStore(
        "old",
        "{destinationPath: 'gs://b/p', googleCredentials: {applicationCredentials: {name: google,"
            + " key: json}}}");
    CallContext cluster = cluster(own("backups"), recovery("old"));

    Pod pod = hooked(Pod.class, instance(), cluster);

    assertThat(pod.getSpec().getVolumes())
        .singleElement()
        .satisfies(
            volume ->
                assertThat(
                        volume.getProjected().getSources().stream()
                            .flatMap(
                                source ->
                                    source.getSecret().getItems().stream()
                                        .map(
                                            item ->
                                                source.getSecret().getName()
                                                    + ":"
                                                    + item.getKey()
                                                    + "="
                                                    + item.getPath())))
                    .containsExactly(
                        "ca:ca.crt=ca/ca.crt",
                        "google:json=google/json",
                        "keys:id=keys/id",
                        "keys:secret=keys/secret"));
    Container sidecar = pod.getSpec().getInitContainers().getFirst();
    assertThat(sidecar.getVolumeMounts())
        .singleElement()
        .satisfies(
            mount -> {
              assertThat(mount.getMountPath()).isEqualTo("/etc/howdah/secrets");
              assertThat(mount.getReadOnly()).isTrue();
            });
    assertThat(sidecar.getEnv())
        .singleElement()
        .satisfies(
            variable -> {
              assertThat(variable.getName()).isEqualTo("HOWDAH_KUBERNETES_ENABLED");
              assertThat(variable.getValue()).isEqualTo("true");
            });
    assertThat(pod.getSpec().getContainers().getFirst().getVolumeMounts()).isEmpty();
  }

  @Test
  void theAnswerIsAlwaysTheSameAndAppliedToItselfChangesNothing() {
    objectStore(
        "backups",
        "{destinationPath: 's3://b/p', s3Credentials: {accessKeyId: {name: k, key: id},"
            + " secretAccessKey: {name: k, key: secret}}}");
    CallContext cluster = cluster(own("backups"), "");

    String once = Serialization.asJson(hooked(Pod.class, instance(), cluster));
    String again = Serialization.asJson(hooked(Pod.class, instance(), cluster));
    Pod twice = hooked(Pod.class, Serialization.unmarshal(once, Pod.class), cluster);

    assertThat(again).isEqualTo(once);
    assertThat(Serialization.asJson(twice)).isEqualTo(once);
  }

  @Test
  void theApiServersTokenIsMountedWhereTheOperatorMountsItForTheDatabaseOnly() {
    objectStore("backups", "{destinationPath: 'file:///backups'}");
    Pod pod =
        new PodBuilder(instance())
            .editSpec()
            .editFirstContainer()
            .addNewVolumeMount()
            .withName("kube-api-access")
            .withMountPath("/var/run/secrets/kubernetes.io/serviceaccount")
            .withReadOnly(true)
            .endVolumeMount()
            .endContainer()
            .endSpec()
            .build();

    Pod after = hooked(Pod.class, pod, cluster(own("backups"), ""));

    assertThat(after.getSpec().getInitContainers().getFirst().getVolumeMounts())
        .isEqualTo(pod.getSpec().getContainers().getFirst().getVolumeMounts());
  }

  @Test
  void recoveryJobsGetThemToo() {
    objectStore(
        "old",
        "{destinationPath: 'gs://b/p', googleCredentials: {applicationCredentials: {name: google,"
            + " key: json}}}");
    Job job =
        new JobBuilder()
            .withNewSpec()
            .withNewTemplate()
            .withSpec(instance().getSpec())
            .endTemplate()
            .endSpec()
            .build();

    Job after = hooked(Job.class, job, cluster("", recovery("old")));

    assertThat(after.getSpec().getTemplate().getSpec().getVolumes()).hasSize(1);
  }

  @Test
  void withoutTheSidecarOrWithoutAnObjectStoreAPodStaysAsItIs() {
    Pod plain = new PodBuilder(instance()).editSpec().withInitContainers().endSpec().build();
    String before = Serialization.asJson(plain);
    assertThat(Serialization.asJson(hooked(Pod.class, plain, cluster(own("backups"), ""))))
        .isEqualTo(before);

    String instance = Serialization.asJson(instance());
    assertThat(
            Serialization.asJson(
                hooked(Pod.class, instance(), cluster("{'name': 'object-store.howdah.dev'}", ""))))
        .isEqualTo(instance);
  }

  @Test
  void whileAnObjectStoreCannotBeReadThereIsNoAnswerThatWouldRollPods() {
    door.refused = STORES;
    door.code = 503;

    assertThatThrownBy(() -> hooked(Pod.class, instance(), cluster(own("backups"), "")))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
  }

  private <T extends HasMetadata> T hooked(Class<T> type, T object, CallContext cluster) {
    RegisteredHooks hooks = HookRegistry.collect(plugin);
    T current = object;
    for (var hook : hooks.lifecycle()) {
      if (hook.type().model() == type) {
        current = type.cast(apply(hook, current, cluster));
      }
    }
    return current;
  }

  private static <T extends HasMetadata> T apply(
      LifecycleRegistration<T> hook, Object object, CallContext cluster) {
    return hook.hook().apply(hook.type().model().cast(object), evaluating(cluster));
  }

  private static LifecycleContext evaluating(CallContext cluster) {
    return cluster.during(LifecycleOperation.EVALUATE);
  }

  private static Pod instance() {
    return new PodBuilder()
        .withNewMetadata()
        .withName("orders-1")
        .endMetadata()
        .withNewSpec()
        .addNewInitContainer()
        .withName("howdah")
        .endInitContainer()
        .addNewContainer()
        .withName("postgres")
        .endContainer()
        .endSpec()
        .build();
  }

  private static String own(String store) {
    return "{'name': 'object-store.howdah.dev', 'parameters': {'barmanObjectName': '%s'}}"
        .formatted(store);
  }

  private static String recovery(String store) {
    return """
    , 'bootstrap': {'recovery': {'source': 'origin'}}, 'externalClusters': [{'name': 'origin',
      'plugin': {'name': 'object-store.howdah.dev', 'parameters': {'barmanObjectName': '%s'}}}]
    """
        .formatted(store);
  }

  private static CallContext cluster(String plugins, String more) {
    return CallContext.of(
        """
        {'metadata': {'name': 'orders', 'namespace': 'shop', 'uid': 'u-1'},
         'spec': {'plugins': [%s]%s}, 'status': {'currentPrimary': 'orders-1'}}
        """
            .formatted(plugins, more));
  }

  private void objectStore(String name, String configuration) {
    client
        .genericKubernetesResources(ObjectStoreApi.DEFINITION)
        .inNamespace("shop")
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: barmancloud.cnpg.io/v1
                kind: ObjectStore
                metadata: {name: %s, namespace: shop}
                spec:
                  configuration: %s
                """
                    .formatted(name, configuration),
                GenericKubernetesResource.class))
        .create();
  }

  private void otherServersWindow() {
    client
        .genericKubernetesResources(ObjectStoreApi.DEFINITION)
        .inNamespace("shop")
        .withName("backups")
        .editStatus(
            resource -> {
              resource.setAdditionalProperty(
                  "status",
                  Map.of(
                      "serverRecoveryWindow",
                      Map.of("other", Map.of("firstRecoverabilityPoint", "2026-01-01T00:00:00Z"))));
              return resource;
            });
  }

  private Map<String, Object> windows(String store) {
    GenericKubernetesResource resource =
        client
            .genericKubernetesResources(ObjectStoreApi.DEFINITION)
            .inNamespace("shop")
            .withName(store)
            .get();
    Map<String, Object> windows = resource.get("status", "serverRecoveryWindow");
    return windows == null ? Map.of() : windows;
  }

  private static void backupIn(Path bucket) throws Exception {
    Instant began = Instant.parse("2026-11-01T10:00:00Z");
    Path folder = Files.createDirectories(bucket.resolve("orders/base/" + BackupId.at(began)));
    Files.write(
        folder.resolve("backup.info"),
        BackupInfo.builder()
            .put("begin_time", began)
            .put("end_time", Instant.parse("2026-11-01T10:30:00Z"))
            .put("status", BackupInfo.DONE)
            .build()
            .toBytes());
  }
}
