package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Http;
import dev.howdah.host.testing.Protocol;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.PluginException;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import dev.howdah.proto.reconciler.ReconcilerHooksResult;
import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.Channel;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the operator gets when a plugin fails: an answer that does no harm, or the truth. */
class FailPolicyTest {

  /** With the policies it is born with. */
  private static final String BORN = "born.example.com";

  /** With every policy that can be turned round turned round. */
  private static final String TURNED = "turned.example.com";

  /** That never answers. */
  private static final String SLOW = "slow.example.com";

  private static final List<String> NEUTRAL =
      List.of(
          "ReconcilerHooks/Pre",
          "ReconcilerHooks/Post",
          "Operator/SetStatusInCluster",
          "Metrics/Define",
          "Metrics/Collect");
  private static final List<String> FAILING =
      List.of(
          "Operator/ValidateClusterCreate",
          "Operator/ValidateClusterChange",
          "Operator/MutateCluster",
          "Operator/Deregister");

  @TempDir static Path home;
  private static EmbeddedHost host;
  private static HostClient client;
  private static Channel born;
  private static Channel turned;
  private static Channel slow;

  @BeforeAll
  static void start() {
    EmbeddedHost.Builder builder =
        EmbeddedHost.in(home)
            .classPathPlugins()
            .plugin("born", TestPlugin.of(BORN, hooks -> register(hooks, FailPolicyTest::fail)))
            .plugin("turned", TestPlugin.of(TURNED, hooks -> register(hooks, FailPolicyTest::fail)))
            .plugin("slow", TestPlugin.of(SLOW, hooks -> register(hooks, FailPolicyTest::hang)));
    for (String rpc : List.of("pre", "post", "set-status-in-cluster", "define", "collect")) {
      builder.property("howdah.plugins.turned.fail-policy." + rpc, "fail");
    }
    for (String rpc :
        List.of(
            "validate-cluster-create", "validate-cluster-change", "mutate-cluster", "deregister")) {
      builder.property("howdah.plugins.turned.fail-policy." + rpc, "ignore");
    }
    for (String rpc :
        List.of(
            "validate-cluster-create",
            "validate-cluster-change",
            "mutate-cluster",
            "set-status-in-cluster",
            "deregister",
            "lifecycle-hook",
            "pre",
            "post",
            "archive",
            "restore-wal",
            "wal-status",
            "set-first-required",
            "backup",
            "restore",
            "enrich-configuration",
            "define",
            "collect")) {
      builder.property("howdah.plugins.slow.limits.deadlines." + rpc, "100ms");
    }
    host = builder.start();
    client = new HostClient(host);
    born = client.socket(BORN);
    turned = client.socket(TURNED);
    slow = client.socket(SLOW);
  }

  @AfterAll
  static void stop() {
    client.close();
    host.close();
  }

  private static RuntimeException fail() {
    return new PluginException(PluginException.Kind.UNAVAILABLE, "the store is away");
  }

  private static RuntimeException hang() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new IllegalStateException("interrupted");
  }

  private static void register(Hooks hooks, Supplier<RuntimeException> failing) {
    hooks.validateCreate(
        context -> {
          throw failing.get();
        });
    hooks.validateChange(
        (before, context) -> {
          throw failing.get();
        });
    hooks.defaults(
        context -> {
          throw failing.get();
        });
    hooks.status(
        context -> {
          throw failing.get();
        });
    hooks.deregister(
        context -> {
          throw failing.get();
        });
    hooks.onCreate(
        Pod.class,
        (pod, context) -> {
          throw failing.get();
        });
    hooks.preReconcileCluster(
        context -> {
          throw failing.get();
        });
    hooks.postReconcileCluster(
        context -> {
          throw failing.get();
        });
    hooks.archiveWal(
        (request, context) -> {
          throw failing.get();
        });
    hooks.restoreWal(
        (request, context) -> {
          throw failing.get();
        });
    hooks.walStatus(
        context -> {
          throw failing.get();
        });
    hooks.firstRequiredWal(
        (wal, context) -> {
          throw failing.get();
        });
    hooks.backup(
        (request, context) -> {
          throw failing.get();
        });
    hooks.restore(
        (request, context) -> {
          throw failing.get();
        });
    hooks.enrichConfiguration(
        1,
        (configuration, operation, context) -> {
          throw failing.get();
        });
    hooks.metrics(
        context -> {
          throw failing.get();
        },
        context -> {
          throw failing.get();
        });
  }

  static Stream<Protocol.Rpc> rpcsWithHooks() {
    return Protocol.rpcs().filter(rpc -> !rpc.fromCatalog());
  }

  @ParameterizedTest
  @MethodSource("rpcsWithHooks")
  void bornPoliciesIgnoreWhatIsNotAboutSafety(Protocol.Rpc rpc) {
    if (NEUTRAL.contains(rpc.label())) {
      assertNeutral(rpc, rpc.call(born, rpc.request(Clusters.naming(BORN))));
    } else {
      Status status = rpc.status(born, rpc.request(Clusters.naming(BORN)));
      assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(status.getDescription()).isEqualTo("born.example.com: the store is away");
    }
  }

  @ParameterizedTest
  @MethodSource("rpcsWithHooks")
  void policiesCanBeTurnedRoundExceptWhereFailingIsTheOnlySafeAnswer(Protocol.Rpc rpc) {
    if (FAILING.contains(rpc.label())) {
      assertNeutral(rpc, rpc.call(turned, rpc.request(Clusters.naming(TURNED))));
    } else {
      assertThat(rpc.status(turned, rpc.request(Clusters.naming(TURNED))).getCode())
          .isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  @ParameterizedTest
  @MethodSource("rpcsWithHooks")
  void eachRpcHasATimeLimitOfItsOwnWhichIsAFailureLikeAnyOther(Protocol.Rpc rpc) {
    if (NEUTRAL.contains(rpc.label())) {
      assertNeutral(rpc, rpc.call(slow, rpc.request(Clusters.naming(SLOW))));
    } else {
      Status status = rpc.status(slow, rpc.request(Clusters.naming(SLOW)));
      assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(status.getDescription())
          .isEqualTo(
              "slow.example.com: %s took longer than its time limit.".formatted(rpc.label()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {BORN, TURNED, SLOW})
  void evaluateIsNeverAnsweredNeutrally(String plugin) {
    Status status =
        Protocol.rpc("OperatorLifecycle/LifecycleHook")
            .status(
                client.socket(plugin),
                OperatorLifecycleRequest.newBuilder()
                    .setOperationType(
                        OperatorOperationType.newBuilder()
                            .setType(OperatorOperationType.Type.TYPE_EVALUATE))
                    .setClusterDefinition(Clusters.bytes(Clusters.naming(plugin)))
                    .setObjectDefinition(Clusters.object("pod-instance"))
                    .build());

    assertThat(status.isOk()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("rpcsWithHooks")
  void noPolicyHidesTheCallersMistake(Protocol.Rpc rpc) {
    assertThat(rpc.status(born, rpc.emptyRequest()).getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(rpc.status(turned, rpc.emptyRequest()).getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void whatWasIgnoredIsStillCountedAndShown() {
    Protocol.Rpc pre = Protocol.rpc("ReconcilerHooks/Pre");
    pre.call(born, pre.request(Clusters.naming(BORN)));

    assertThat(Http.get(host.httpBase() + "/actuator/prometheus").body())
        .containsPattern(
            "howdah_hook_failures_total\\{answered=\"neutral\",kind=\"unavailable\","
                + "plugin=\"born.example.com\",rpc=\"ReconcilerHooks/Pre\"\\} [1-9]");
    assertThat(
            Http.json(host.httpBase() + "/actuator/plugins/born")
                .at("/lastError/message")
                .asString())
        .contains("the store is away");
  }

  private static void assertNeutral(Protocol.Rpc rpc, Message answer) {
    Message expected =
        rpc.label().startsWith("ReconcilerHooks/")
            ? ReconcilerHooksResult.newBuilder()
                .setBehavior(ReconcilerHooksResult.Behavior.BEHAVIOR_CONTINUE)
                .build()
            : answer.getDefaultInstanceForType();
    assertThat(answer).isEqualTo(expected);
  }
}
