package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditRulesTest {

  private static AuditLevel level(AuditRules rules, AuditEntry.Builder entry) {
    return rules.decide(entry.build()).level();
  }

  private static AuditEntry.Builder creation(String kind) {
    return AuditEntry.call("p.example.com", "cnpgi.operator_lifecycle.v1.X", "LifecycleHook")
        .operation("CREATE")
        .object("", kind, "app", "orders");
  }

  @Test
  void the_first_rule_that_matches_decides() {
    AuditRules rules =
        new AuditRules(
            List.of(
                AuditRule.at(AuditLevel.NONE).clusters("orders").build(),
                AuditRule.at(AuditLevel.REQUEST).namespaces("app").durable().build(),
                AuditRule.at(AuditLevel.METADATA).build()));

    assertThat(level(rules, AuditEntry.call("p", "s", "M").cluster("app", "orders", "")))
        .isEqualTo(AuditLevel.NONE);
    assertThat(rules.decide(AuditEntry.call("p", "s", "M").cluster("app", "x", "").build()))
        .isEqualTo(new AuditRules.Decision(AuditLevel.REQUEST, true));
    assertThat(level(rules, AuditEntry.call("p", "s", "M"))).isEqualTo(AuditLevel.METADATA);
  }

  @Test
  void what_no_rule_matches_is_not_kept() {
    assertThat(level(new AuditRules(List.of()), AuditEntry.call("p", "s", "M")))
        .isEqualTo(AuditLevel.NONE);
  }

  @Test
  void rules_match_by_each_field() {
    AuditRule rule =
        AuditRule.at(AuditLevel.REQUEST)
            .kinds("call")
            .plugins("*.howdah.dev")
            .services("WAL")
            .methods("Arch*")
            .namespaces("prod-*")
            .clusters("orders")
            .outcomes("error")
            .build();
    AuditEntry entry =
        AuditEntry.call("object-store.howdah.dev", "cnpgi.wal.v1.WAL", "Archive")
            .cluster("prod-eu", "orders", "")
            .outcome("UNAVAILABLE")
            .build();

    assertThat(rule.matches(entry)).isTrue();
    assertThat(
            rule.matches(
                AuditEntry.call("object-store.howdah.dev", "cnpgi.wal.v1.WAL", "Archive")
                    .cluster("prod-eu", "orders", "")
                    .build()))
        .as("not an error")
        .isFalse();
    assertThat(
            rule.matches(
                AuditEntry.call("object-store.example.com", "cnpgi.wal.v1.WAL", "Archive")
                    .cluster("prod-eu", "orders", "")
                    .outcome("UNAVAILABLE")
                    .build()))
        .as("another plugin")
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Probe", "GetCapabilities", "GetPluginMetadata", "GetPluginCapabilities"})
  void by_default_probes_and_handshakes_are_left_out_unless_they_fail(String method) {
    AuditRules rules = AuditRules.defaults();

    assertThat(level(rules, AuditEntry.call("p", "s", method))).isEqualTo(AuditLevel.NONE);
    assertThat(level(rules, AuditEntry.call("p", "s", method).outcome("UNAVAILABLE")))
        .isEqualTo(AuditLevel.METADATA);
  }

  @Test
  void by_default_what_is_created_in_every_loop_is_left_out() {
    AuditRules rules = AuditRules.defaults();

    assertThat(level(rules, creation("Lease"))).isEqualTo(AuditLevel.NONE);
    assertThat(level(rules, creation("RoleBinding"))).isEqualTo(AuditLevel.NONE);
    assertThat(level(rules, creation("Pod"))).isEqualTo(AuditLevel.METADATA);
    assertThat(level(rules, creation("Lease").outcome("INTERNAL"))).isEqualTo(AuditLevel.METADATA);
  }

  @Test
  void by_default_changes_come_with_their_fields() {
    assertThat(level(AuditRules.defaults(), AuditEntry.change("UPDATE")))
        .isEqualTo(AuditLevel.REQUEST);
  }

  @Test
  void nothing_can_not_be_kept_durably() {
    assertThatThrownBy(() -> AuditRule.at(AuditLevel.NONE).durable().build())
        .isInstanceOf(IllegalArgumentException.class);
  }
}
