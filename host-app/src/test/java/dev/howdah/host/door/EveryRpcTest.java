package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.testing.AllHooks;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Protocol;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.proto.backup.BackupResult;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilitiesResponse;
import dev.howdah.proto.lifecycle.OperatorLifecycleGrpc;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorLifecycleResponse;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import dev.howdah.proto.metrics.CollectMetricsResult;
import dev.howdah.proto.metrics.DefineMetricsResult;
import dev.howdah.proto.metrics.MetricType;
import dev.howdah.proto.operator.OperatorMutateClusterResult;
import dev.howdah.proto.operator.OperatorValidateClusterCreateResult;
import dev.howdah.proto.operator.SetStatusInClusterResponse;
import dev.howdah.proto.postgres.EnrichConfigurationResult;
import dev.howdah.proto.reconciler.ReconcilerHooksGrpc;
import dev.howdah.proto.reconciler.ReconcilerHooksRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksResult;
import dev.howdah.proto.restorejob.RestoreResponse;
import dev.howdah.proto.wal.WALStatusResult;
import io.grpc.Channel;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every RPC of the protocol, through the wire, on a plugin that has every hook. */
class EveryRpcTest {

  private static final String ALL = "all.example.com";
  private static final String NONE = "none.example.com";

  @TempDir static Path home;
  @TempDir static Path operatorHome;
  @TempDir static Path instanceHome;
  private static final AllHooks hooks = new AllHooks();
  private static EmbeddedHost host;
  private static HostClient client;
  private static Map<Door, Channel> all;

  private enum Door {
    TCP,
    SOCKET;

    Channel to(HostClient client, String plugin) {
      return this == TCP ? client.tcp(plugin) : client.socket(plugin);
    }
  }

  @BeforeAll
  static void start() {
    host =
        EmbeddedHost.in(home)
            .classPathPlugins()
            .plugin("all", hooks.plugin(ALL))
            .plugin("none", TestPlugin.of(NONE, nothing -> {}))
            .property("howdah.status.mode", "on")
            .start();
    client = new HostClient(host);
    all =
        Stream.of(Door.values())
            .collect(Collectors.toMap(Function.identity(), door -> door.to(client, ALL)));
  }

  @AfterAll
  static void stop() {
    client.close();
    host.close();
  }

  static Stream<Protocol.Rpc> rpcs() {
    return Protocol.rpcs();
  }

  static Stream<Protocol.Rpc> rpcsWithHooks() {
    return Protocol.rpcs().filter(rpc -> !rpc.fromCatalog());
  }

  @Test
  void thereAreTwentyEight() {
    assertThat(Protocol.rpcs()).hasSize(28);
    assertThat(rpcsWithHooks()).hasSize(17);
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void eachIsServedOverTcpAndOverTheSocket(Protocol.Rpc rpc) {
    for (Door door : Door.values()) {
      if (rpc.label().equals("Identity/Probe")) {
        HostClient.load(all.get(door));
      }
      assertThat(rpc.status(all.get(door), rpc.request(Clusters.naming(ALL))))
          .as("%s over %s", rpc, door)
          .isEqualTo(Status.OK);
    }
  }

  @ParameterizedTest
  @MethodSource("rpcsWithHooks")
  void whatAPluginNeverRegisteredIsUnimplemented(Protocol.Rpc rpc) {
    Status status = rpc.status(client.socket(NONE), rpc.request(Clusters.naming(NONE)));

    assertThat(status.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(status.getDescription()).contains(NONE).contains(rpc.label());
  }

  @Test
  void capabilitiesOfServicesThatAreNotDeclaredAreUnimplemented() {
    Channel none = client.socket(NONE);

    assertThat(HostClient.load(none).services()).isEmpty();
    assertThat(Protocol.rpcs().filter(rpc -> rpc.label().endsWith("/GetCapabilities")))
        .hasSize(8)
        .allSatisfy(
            rpc ->
                assertThat(rpc.status(none, rpc.emptyRequest()).getCode())
                    .isEqualTo(Status.Code.UNIMPLEMENTED));
  }

  @ParameterizedTest
  @EnumSource(Door.class)
  void theHooksAnswersArriveWhole(Door door) {
    Channel channel = all.get(door);

    OperatorValidateClusterCreateResult findings = call(channel, "Operator/ValidateClusterCreate");
    assertThat(findings.getValidationErrorsList())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.getPathComponentsList()).containsExactly("spec", "instances");
              assertThat(finding.getValue()).isEqualTo("3");
              assertThat(finding.getMessage()).isEqualTo("three is a crowd");
            });
    OperatorMutateClusterResult mutation = call(channel, "Operator/MutateCluster");
    assertThat(mutation.getJsonPatch().toStringUtf8())
        .contains("/spec/description")
        .contains("completed");
    SetStatusInClusterResponse status = call(channel, "Operator/SetStatusInCluster");
    assertThat(status.getJsonStatus().toStringUtf8())
        .isEqualTo("{\"greeted\":\"%s\"}".formatted(Clusters.naming(ALL).name()));
    ReconcilerHooksResult post = call(channel, "ReconcilerHooks/Post");
    assertThat(post.getBehavior()).isEqualTo(ReconcilerHooksResult.Behavior.BEHAVIOR_REQUEUE);
    assertThat(post.getRequeueAfter()).isEqualTo(7);
    WALStatusResult wal = call(channel, "WAL/Status");
    assertThat(wal.getLastWal()).isEqualTo("000000010000000000000007");
    assertThat(wal.getAdditionalInformationMap()).containsExactly(Map.entry("in", "memory"));
    BackupResult backup = call(channel, "Backup/Backup");
    assertThat(backup.getBackupId()).isEqualTo("20260101T000000");
    assertThat(backup.getStoppedAt() - backup.getStartedAt()).isEqualTo(60);
    assertThat(backup.getMetadataMap()).containsEntry("size", "42");
    RestoreResponse restore = call(channel, "RestoreJobHooks/Restore");
    assertThat(restore.getRestoreConfig()).isEqualTo("restore_command = 'true'\n");
    assertThat(restore.getEnvsList()).containsExactly("PGUSER=postgres");
    EnrichConfigurationResult configuration = call(channel, "Postgres/EnrichConfiguration");
    assertThat(configuration.getConfigsMap()).containsEntry("work_mem", "7MB");
    assertThat(configuration.getConfigsCount()).isGreaterThan(5);
    DefineMetricsResult definitions = call(channel, "Metrics/Define");
    assertThat(definitions.getMetricsList())
        .singleElement()
        .satisfies(
            metric -> {
              assertThat(metric.getFqName()).isEqualTo("all_hooks_greetings");
              assertThat(metric.getValueType().getType()).isEqualTo(MetricType.Type.TYPE_GAUGE);
            });
    CollectMetricsResult samples = call(channel, "Metrics/Collect");
    assertThat(samples.getMetrics(0).getValue()).isEqualTo(3);
  }

  @Test
  void theHooksOfABackupAreOnesOfTheirOwn() {
    ReconcilerHooksResult answer =
        ReconcilerHooksGrpc.newBlockingStub(all.get(Door.TCP))
            .pre(
                ReconcilerHooksRequest.newBuilder()
                    .setClusterDefinition(Clusters.bytes(Clusters.naming(ALL)))
                    .setResourceDefinition(Clusters.object("backup-plugin"))
                    .build());

    assertThat(answer.getBehavior()).isEqualTo(ReconcilerHooksResult.Behavior.BEHAVIOR_TERMINATE);
    assertThat(hooks.ran()).contains("preReconcileBackup");
  }

  @ParameterizedTest
  @MethodSource("rpcsWithHooks")
  void aClusterThatDoesntNameThePluginIsAnsweredNeutrallyOrRefused(Protocol.Rpc rpc) {
    Cluster stranger = Clusters.naming("somebody.else.example");
    int before = hooks.ran().size();

    if (List.of("WAL", "Backup", "RestoreJobHooks").contains(rpc.label().split("/")[0])) {
      // An archive that nobody is responsible for must not look successful.
      assertThat(rpc.status(all.get(Door.TCP), rpc.request(stranger)).getCode())
          .isEqualTo(Status.Code.FAILED_PRECONDITION);
    } else if (rpc.label().startsWith("ReconcilerHooks/")) {
      assertThat(rpc.call(all.get(Door.TCP), rpc.request(stranger)))
          .isEqualTo(
              ReconcilerHooksResult.newBuilder()
                  .setBehavior(ReconcilerHooksResult.Behavior.BEHAVIOR_CONTINUE)
                  .build());
    } else {
      Message answer = rpc.call(all.get(Door.TCP), rpc.request(stranger));
      assertThat(answer).isEqualTo(answer.getDefaultInstanceForType());
    }
    // Letting go is for Clusters that have just dropped the plugin.
    assertThat(hooks.ran().size() - before).isEqualTo(rpc.label().endsWith("/Deregister") ? 1 : 0);
  }

  @Test
  void kindsAndVerbsThatNobodyRegisteredAreLeftAsTheyAre() {
    OperatorLifecycleGrpc.OperatorLifecycleBlockingStub stub =
        OperatorLifecycleGrpc.newBlockingStub(all.get(Door.TCP));
    for (String object :
        List.of("pvc-data", "service-rw", "role", "podmonitor", "lease", "secret-app")) {
      for (OperatorOperationType.Type verb :
          List.of(OperatorOperationType.Type.TYPE_CREATE, OperatorOperationType.Type.TYPE_DELETE)) {
        assertThat(stub.lifecycleHook(lifecycle(verb, object)))
            .as("%s of %s", verb, object)
            .isEqualTo(OperatorLifecycleResponse.getDefaultInstance());
      }
    }
    assertThat(stub.lifecycleHook(lifecycle(OperatorOperationType.Type.TYPE_PATCH, "pod-instance")))
        .isEqualTo(OperatorLifecycleResponse.getDefaultInstance());
  }

  @Test
  void anyObjectOfAnyNewKindIsLeftAsItIs() {
    OperatorLifecycleResponse answer =
        OperatorLifecycleGrpc.newBlockingStub(all.get(Door.TCP))
            .lifecycleHook(
                OperatorLifecycleRequest.newBuilder()
                    .setOperationType(type(OperatorOperationType.Type.TYPE_CREATE))
                    .setClusterDefinition(Clusters.bytes(Clusters.naming(ALL)))
                    .setObjectDefinition(
                        com.google.protobuf.ByteString.copyFromUtf8(
                            "{\"apiVersion\":\"future.example/v7\",\"kind\":\"Pod\",\"x\":[1]}"))
                    .build());

    assertThat(answer).isEqualTo(OperatorLifecycleResponse.getDefaultInstance());
  }

  @Test
  void inModeAllEverythingIsDeclared() {
    assertThat(HostClient.load(client.tcp(ALL)).services())
        .containsExactlyInAnyOrder(
            "TYPE_OPERATOR_SERVICE",
            "TYPE_LIFECYCLE_SERVICE",
            "TYPE_RECONCILER_HOOKS",
            "TYPE_WAL_SERVICE",
            "TYPE_BACKUP_SERVICE",
            "TYPE_RESTORE_JOB",
            "TYPE_POSTGRES",
            "TYPE_METRICS",
            "TYPE_INSTANCE_SIDECAR_INJECTION",
            "TYPE_INSTANCE_JOB_SIDECAR_INJECTION");
    OperatorLifecycleCapabilitiesResponse lifecycle =
        call(all.get(Door.TCP), "OperatorLifecycle/GetCapabilities");
    Map<String, List<String>> kinds = new TreeMap<>();
    lifecycle
        .getLifecycleCapabilitiesList()
        .forEach(
            kind ->
                kinds.put(
                    kind.getGroup() + "/" + kind.getKind(),
                    kind.getOperationTypesList().stream()
                        .map(verb -> verb.getType().name())
                        .toList()));
    assertThat(kinds)
        .isEqualTo(
            Map.of(
                "/ConfigMap", List.of("TYPE_CREATE"),
                "/Pod", List.of("TYPE_CREATE", "TYPE_EVALUATE"),
                "batch/Job", List.of("TYPE_CREATE")));
  }

  @Test
  void besideTheOperatorNothingOfTheInstanceIsDeclaredOrServed() {
    try (EmbeddedHost operator =
            EmbeddedHost.in(operatorHome)
                .classPathPlugins()
                .plugin("all", new AllHooks().plugin(ALL))
                .property("howdah.mode", "operator")
                .property("howdah.sidecar.inline.revisions.1.image", "registry.example/howdah:1")
                .property("howdah.sidecar.inline.revisions.1.plugins[0].name", ALL)
                .property("howdah.sidecar.inline.revisions.1.plugins[0].id", "all")
                .property("howdah.grpc.tls.certificate", host.tlsFile("server.crt"))
                .property("howdah.grpc.tls.private-key", host.tlsFile("server.key"))
                .property("howdah.grpc.tls.client-certificates", host.tlsFile("client.crt"))
                .start();
        HostClient borrowed = new HostClient(operator, home)) {
      Channel channel = borrowed.tcp(ALL);

      assertThat(HostClient.load(channel).services())
          .containsExactlyInAnyOrder(
              "TYPE_OPERATOR_SERVICE",
              "TYPE_LIFECYCLE_SERVICE",
              "TYPE_RECONCILER_HOOKS",
              "TYPE_INSTANCE_SIDECAR_INJECTION",
              "TYPE_INSTANCE_JOB_SIDECAR_INJECTION");
      for (String service : List.of("WAL", "Backup", "RestoreJobHooks", "Postgres", "Metrics")) {
        assertOfNoService(channel, service);
      }
    }
  }

  @Test
  void insideTheInstanceNothingOfTheOperatorIsDeclaredOrServed() {
    try (EmbeddedHost instance =
            EmbeddedHost.in(instanceHome)
                .classPathPlugins()
                .plugin("all", new AllHooks().plugin(ALL))
                .property("howdah.mode", "instance")
                .property("howdah.sockets.directory", instanceHome.resolve("s"))
                .start();
        HostClient local = new HostClient(instance)) {
      Channel channel = local.socket(ALL);

      assertThat(HostClient.load(channel).services())
          .containsExactlyInAnyOrder(
              "TYPE_WAL_SERVICE",
              "TYPE_BACKUP_SERVICE",
              "TYPE_RESTORE_JOB",
              "TYPE_POSTGRES",
              "TYPE_METRICS",
              "TYPE_INSTANCE_SIDECAR_INJECTION",
              "TYPE_INSTANCE_JOB_SIDECAR_INJECTION");
      for (String service : List.of("Operator", "OperatorLifecycle", "ReconcilerHooks")) {
        assertOfNoService(channel, service);
      }
    }
  }

  private static void assertOfNoService(Channel channel, String service) {
    assertThat(Protocol.rpcs().filter(rpc -> rpc.label().startsWith(service + "/")))
        .isNotEmpty()
        .allSatisfy(
            rpc ->
                assertThat(rpc.status(channel, rpc.request(Clusters.naming(ALL))).getCode())
                    .as(rpc.label())
                    .isEqualTo(Status.Code.UNIMPLEMENTED));
  }

  private static OperatorLifecycleRequest lifecycle(
      OperatorOperationType.Type verb, String object) {
    return OperatorLifecycleRequest.newBuilder()
        .setOperationType(type(verb))
        .setClusterDefinition(Clusters.bytes(Clusters.naming(ALL)))
        .setObjectDefinition(Clusters.object(object))
        .build();
  }

  private static OperatorOperationType type(OperatorOperationType.Type verb) {
    return OperatorOperationType.newBuilder().setType(verb).build();
  }

  @SuppressWarnings("unchecked")
  private static <A extends Message> A call(Channel channel, String label) {
    Protocol.Rpc rpc = Protocol.rpc(label);
    return (A) rpc.call(channel, rpc.request(Clusters.naming(ALL)));
  }
}
