package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Http;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.reconcile.Reconcile;
import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.Channel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No plugin's status keeps the operator's loop running, before and after the operator's fix. */
class StatusLoopTest {

  private static final List<String> NAMES = List.of("one.example.com", "two.example.com");
  private static final int LOOPS = 100;

  @TempDir static Path first;
  @TempDir static Path second;
  private static final List<EmbeddedHost> hosts = new ArrayList<>();
  private static final List<HostClient> clients = new ArrayList<>();
  private static final List<Map<String, Channel>> replicas = new ArrayList<>();

  @BeforeAll
  static void start() {
    for (Path home : List.of(first, second)) {
      EmbeddedHost.Builder builder = EmbeddedHost.in(home).classPathPlugins();
      for (int i = 0; i < NAMES.size(); i++) {
        builder.plugin("plugin-" + i, TestPlugin.of(NAMES.get(i), StatusLoopTest::register));
      }
      EmbeddedHost host = builder.start();
      HostClient client = new HostClient(host);
      Map<String, Channel> plugins = new TreeMap<>();
      NAMES.forEach(name -> plugins.put(name, client.tcp(name)));
      plugins.values().forEach(HostClient::load);
      hosts.add(host);
      clients.add(client);
      replicas.add(plugins);
    }
  }

  private static void register(Hooks hooks) {
    hooks.preReconcileCluster(context -> Reconcile.proceed());
    hooks.onCreate(Pod.class, (pod, context) -> pod);
    hooks.status(context -> Optional.of(Map.of("instances", context.cluster().instances())));
  }

  @AfterAll
  static void stop() {
    clients.forEach(HostClient::close);
    hosts.forEach(EmbeddedHost::close);
  }

  @Test
  void anOperatorThatKeepsStatusesWritesOneForEachChangeOfTheDefinition() {
    SimulatedOperator operator = operator(true, "keeping");

    operator.loops(LOOPS, replicas);
    assertThat(NAMES).allSatisfy(name -> assertThat(operator.statusPatches(name)).isEqualTo(1));

    operator.change(json -> json.withObjectProperty("spec").put("instances", 5));
    operator.loops(LOOPS, replicas);
    assertThat(NAMES)
        .allSatisfy(
            name -> {
              assertThat(operator.statusPatches(name)).isEqualTo(2);
              assertThat(operator.status(name)).isEqualTo("{\"instances\":5}");
            });
  }

  @Test
  void anOperatorThatDropsStatusesWritesNoneAfterTheSecondLoop() {
    SimulatedOperator operator = operator(false, "dropping");

    operator.loops(2, replicas);
    List<Integer> afterTwo = NAMES.stream().map(operator::statusPatches).toList();
    operator.loops(LOOPS - 2, replicas);

    assertThat(NAMES.stream().map(operator::statusPatches)).isEqualTo(afterTwo);
    assertThat(afterTwo).allSatisfy(patches -> assertThat(patches).isLessThanOrEqualTo(2));
  }

  @Test
  void whatIsWithheldIsShownByTheHostItself() {
    SimulatedOperator operator = operator(false, "withheld");
    operator.loops(4, replicas);

    assertThat(hosts)
        .allSatisfy(
            host ->
                assertThat(
                        Http.json(host.httpBase() + "/actuator/plugins/plugin-0")
                            .at("/withheldStatuses")
                            .properties())
                    .anySatisfy(
                        entry -> {
                          assertThat(entry.getKey()).endsWith("/withheld");
                          assertThat(entry.getValue().toString()).isEqualTo("{\"instances\":3}");
                        }));
  }

  private static SimulatedOperator operator(boolean keepsStatuses, String cluster) {
    return new SimulatedOperator(
        keepsStatuses,
        Clusters.naming(NAMES.toArray(String[]::new))
            .with(
                json -> {
                  json.withObjectProperty("metadata").put("name", cluster).put("uid", cluster);
                  json.withObjectProperty("spec").put("instances", 3);
                }));
  }
}
