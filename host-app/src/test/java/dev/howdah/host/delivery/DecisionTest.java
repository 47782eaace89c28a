package dev.howdah.host.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.cluster.Cluster;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** When is written, what is left to whom, and what is remembered. */
class DecisionTest {

  private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");
  private static final LedgerEntry NOTHING = LedgerEntry.empty("uid");

  @Test
  void whatIsMissingIsWritten() {
    Decision decision = Decision.of(cluster("{}", "{}"), Map.of("jit", "off"), NOTHING, NOW);

    assertThat(decision.step()).isEqualTo(new Decision.Step.Write());
    assertThat(decision.set()).containsExactly(Map.entry("jit", "off"));
    assertThat(decision.differing()).containsExactly(Map.entry("jit", ""));
  }

  @Test
  void whatIsThereAnywayIsNotWritten() {
    Decision decision =
        Decision.of(cluster("{\"jit\":\"off\"}", "{}"), Map.of("jit", "off"), NOTHING, NOW);

    assertThat(decision.step()).isEqualTo(new Decision.Step.Rest());
    assertThat(decision.changes(NOTHING)).isFalse();
  }

  @Test
  void whatIsHeldAndNoLongerWantedIsGivenBack() {
    Decision decision =
        Decision.of(cluster("{\"jit\":\"off\"}", "{\"f:jit\":{}}"), Map.of(), NOTHING, NOW);

    assertThat(decision.step()).isEqualTo(new Decision.Step.Write());
    assertThat(decision.set()).isEmpty();
  }

  @Test
  void aLostLedgerIsWrittenAnewFromWhatIsHeld() {
    Decision decision =
        Decision.of(
            cluster("{\"jit\":\"off\"}", "{\"f:jit\":{}}"), Map.of("jit", "off"), NOTHING, NOW);

    assertThat(decision.step()).isEqualTo(new Decision.Step.Rest());
    assertThat(decision.changes(NOTHING)).isTrue();
    assertThat(decision.entry().applied()).containsExactly(Map.entry("jit", "off"));
  }

  @Test
  void whatIsTakenBackIsWrittenOnceMoreAndThenLeftToWhoTookIt() {
    LedgerEntry written = NOTHING.withApplied(sorted(Map.of("jit", "off")));

    Decision once = Decision.of(cluster("{}", "{}"), Map.of("jit", "off"), written, NOW);
    assertThat(once.step()).isEqualTo(new Decision.Step.Write());
    assertThat(once.entry().takenBack())
        .containsEntry("jit", new LedgerEntry.TakenBack("off", 1, "argocd-controller"));

    Decision twice =
        Decision.of(
            cluster("{}", "{}"),
            Map.of("jit", "off"),
            once.entry().withApplied(sorted(Map.of("jit", "off"))),
            NOW);
    assertThat(twice.step()).isEqualTo(new Decision.Step.Rest());
    assertThat(twice.left()).containsOnlyKeys("jit");
    assertThat(twice.set()).isEmpty();

    Decision ever = Decision.of(cluster("{}", "{}"), Map.of("jit", "off"), twice.entry(), NOW);
    assertThat(ever.step()).isEqualTo(new Decision.Step.Rest());
    assertThat(ever.changes(twice.entry())).isFalse();
  }

  @Test
  void aNewValueIsANewWish() {
    LedgerEntry refused =
        new LedgerEntry(
            "uid",
            List.of(),
            new TreeMap<>(),
            sorted(Map.of("jit", new LedgerEntry.TakenBack("off", 2, "argocd-controller"))));

    Decision decision = Decision.of(cluster("{}", "{}"), Map.of("jit", "on"), refused, NOW);

    assertThat(decision.step()).isEqualTo(new Decision.Step.Write());
    assertThat(decision.entry().takenBack()).isEmpty();
  }

  @Test
  void afterTwoWritesTheNextOneWaitsForAnHourSinceTheFirst() {
    LedgerEntry busy =
        NOTHING
            .withWrite(NOW.minus(Duration.ofMinutes(90)))
            .withWrite(NOW.minus(Duration.ofMinutes(50)))
            .withWrite(NOW.minus(Duration.ofMinutes(10)));

    Decision decision = Decision.of(cluster("{}", "{}"), Map.of("jit", "off"), busy, NOW);

    assertThat(decision.step()).isEqualTo(new Decision.Step.Wait(NOW.plus(Duration.ofMinutes(10))));
    assertThat(decision.entry().writes()).hasSize(2);
  }

  private static <V> SortedMap<String, V> sorted(Map<String, V> map) {
    return new TreeMap<>(map);
  }

  /** A Cluster with these parameters, of which Howdah holds some. */
  private static Cluster cluster(String parameters, String held) {
    return Cluster.decode(
        """
        {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
         "metadata": {"name": "orders", "namespace": "app", "uid": "uid", "managedFields": [
           {"manager": "argocd-controller", "operation": "Update", "time": "2026-01-05T11:00:00Z",
            "fieldsV1": {"f:spec": {"f:instances": {}}}},
           {"manager": "manager", "operation": "Update", "subresource": "status",
            "time": "2026-01-05T11:59:00Z", "fieldsV1": {"f:status": {}}},
           {"manager": "howdah", "operation": "Apply", "time": "2026-01-05T11:30:00Z",
            "fieldsV1": {"f:spec": {"f:postgresql": {"f:parameters": %s}}}}]},
         "spec": {"instances": 1, "postgresql": {"parameters": %s}}}
        """
            .formatted(held, parameters)
            .getBytes(StandardCharsets.UTF_8));
  }
}
