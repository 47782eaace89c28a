package dev.howdah.host.guard;

import static dev.howdah.host.guard.GuardAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.OperatorObjects;
import dev.howdah.plugin.cluster.Cluster;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusGuardTest {

  private static final String PLUGIN = "hello.example.com";

  private final StatusGuard guard = new StatusGuard();
  private final Cluster cluster = OperatorObjects.cluster("cluster-minimal");

  record Greeting(String text, int size, Optional<String> note) {}

  @Test
  void recordsAndMapsBecomeSortedJsonObjects() {
    assertThat(check(cluster, new Greeting("hé", 3, Optional.empty())))
        .isEqualTo("{\"note\":null,\"size\":3,\"text\":\"hé\"}");

    Map<String, Object> map = new LinkedHashMap<>();
    map.put("b", Map.of("y", 1));
    map.put("a", List.of(1, 2));
    assertThat(new String(new StatusGuard().check(PLUGIN, cluster, map), StandardCharsets.UTF_8))
        .isEqualTo("{\"a\":[1,2],\"b\":{\"y\":1}}");
  }

  @Test
  void whatIsNoJsonObjectIsRefused() {
    for (Object status : List.of("text", 7, List.of(Map.of()), true, Optional.empty())) {
      assertRefused(
          PLUGIN, GuardRule.STATUS_NOT_OBJECT, () -> guard.check(PLUGIN, cluster, status));
    }
  }

  @Test
  void whatCannotBeWrittenAsJsonIsRefused() {
    Map<String, Object> ring = new LinkedHashMap<>();
    ring.put("ring", ring);

    assertRefused(PLUGIN, GuardRule.STATUS_NOT_OBJECT, () -> guard.check(PLUGIN, cluster, ring));
  }

  @Test
  void aMissingAnswerIsRefused() {
    assertRefused(PLUGIN, GuardRule.ANSWER_MISSING, () -> guard.check(PLUGIN, cluster, null));
  }

  @Test
  void sixteenKibibytesAreTooMuch() {
    String most = "x".repeat(StatusGuard.LIMIT - "{\"t\":\"\"}".length() - 1);

    assertThat(guard.check(PLUGIN, cluster, Map.of("t", most))).hasSize(StatusGuard.LIMIT - 1);
    assertRefused(
        PLUGIN,
        GuardRule.STATUS_TOO_LARGE,
        () -> guard.check(PLUGIN, cluster, Map.of("t", most + "x")));
  }

  @Test
  void theSameStatusForTheSameDefinitionPassesInEveryLoop() {
    Cluster later =
        cluster.with(
            json -> {
              json.withObject("/metadata").put("resourceVersion", "999").remove("managedFields");
              json.withObject("/status").put("readyInstances", 1);
            });

    assertThat(check(cluster, Map.of("a", 1))).isEqualTo(check(later, Map.of("a", 1)));
  }

  @Test
  void aStatusThatChangesByItselfIsRefusedEachTime() {
    guard.check(PLUGIN, cluster, Map.of("calls", 1));

    for (int call = 2; call < 10; call++) {
      Map<String, Integer> status = Map.of("calls", call);
      assertRefused(PLUGIN, GuardRule.STATUS_UNSTABLE, () -> guard.check(PLUGIN, cluster, status));
    }
    assertThat(check(cluster, Map.of("calls", 1))).isEqualTo("{\"calls\":1}");
  }

  @Test
  void aNewDefinitionMayHaveANewStatus() {
    guard.check(PLUGIN, cluster, Map.of("instances", 3));
    Cluster larger = cluster.with(json -> json.withObject("/spec").put("instances", 5));

    assertThat(check(larger, Map.of("instances", 5))).isEqualTo("{\"instances\":5}");
  }

  @Test
  void pluginsAndClustersAreToldApart() {
    Cluster other = cluster.with(json -> json.withObject("/metadata").put("uid", "other"));
    guard.check(PLUGIN, cluster, Map.of("a", 1));

    assertThat(check(other, Map.of("a", 2))).isNotEmpty();
    assertThat(guard.check("b.example.com", cluster, Map.of("a", 3))).isNotEmpty();
  }

  @Test
  void onlyTheConfiguredNumberIsRemembered() {
    StatusGuard forgetful = new StatusGuard(2);
    forgetful.check("a.example.com", cluster, Map.of("v", 1));
    forgetful.check("b.example.com", cluster, Map.of("v", 1));
    forgetful.check("c.example.com", cluster, Map.of("v", 1));

    assertThat(forgetful.check("a.example.com", cluster, Map.of("v", 2))).isNotEmpty();
    assertRefused(
        "c.example.com",
        GuardRule.STATUS_UNSTABLE,
        () -> forgetful.check("c.example.com", cluster, Map.of("v", 2)));
  }

  private String check(Cluster about, Object status) {
    return new String(guard.check(PLUGIN, about, status), StandardCharsets.UTF_8);
  }
}
