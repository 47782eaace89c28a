package dev.howdah.host.guard;

import static dev.howdah.host.guard.GuardAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.backup.BackupResult;
import dev.howdah.plugin.backup.RestoreResult;
import dev.howdah.plugin.reconcile.Reconcile;
import dev.howdah.plugin.wal.WalStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The guards of answers that are one value. */
class AnswerGuardsTest {

  private static final String PLUGIN = "store.example.com";

  @Nested
  class Findings {

    private final FindingsGuard guard = new FindingsGuard();

    @Test
    void findingsWithPathsPassInTheirOrder() {
      List<ValidationFinding> findings =
          List.of(
              ValidationFinding.warning(List.of("spec"), "", "second thoughts"),
              ValidationFinding.error(List.of("metadata", "name"), "x", "too short"));

      assertThat(guard.check(PLUGIN, findings)).isEqualTo(findings);
    }

    @Test
    void aPathWithAnEmptyStepIsRefused() {
      ValidationFinding finding = ValidationFinding.error(List.of("spec", ""), "", "wrong");

      assertRefused(
          PLUGIN, GuardRule.FINDING_MALFORMED, () -> guard.check(PLUGIN, List.of(finding)));
    }

    @Test
    void missingFindingsAreRefused() {
      assertRefused(PLUGIN, GuardRule.ANSWER_MISSING, () -> guard.check(PLUGIN, null));
      assertRefused(
          PLUGIN,
          GuardRule.FINDING_MALFORMED,
          () -> guard.check(PLUGIN, Arrays.asList((ValidationFinding) null)));
    }
  }

  @Nested
  class Reconciling {

    private final ReconcileGuard guard = new ReconcileGuard();

    @Test
    void everyOutcomePasses() {
      for (Reconcile outcome :
          List.of(
              Reconcile.proceed(),
              Reconcile.terminate(),
              Reconcile.requeue(Duration.ofSeconds(1)))) {
        assertThat(guard.check(PLUGIN, outcome)).isSameAs(outcome);
      }
    }

    @Test
    void noOutcomeIsRefused() {
      assertRefused(PLUGIN, GuardRule.ANSWER_MISSING, () -> guard.check(PLUGIN, null));
    }

    @Test
    void aDelayThatTurnsNegativeInTheOperatorIsRefused() {
      Reconcile centuries = Reconcile.requeue(Duration.ofDays(365 * 300));

      assertRefused(PLUGIN, GuardRule.RECONCILE_DELAY, () -> guard.check(PLUGIN, centuries));
    }
  }

  @Nested
  class Restores {

    private final RestoreGuard guard = new RestoreGuard();

    @Test
    void aRestoreCommandAndPlainVariablesPass() {
      RestoreResult result =
          new RestoreResult(
              "# how to go on\n restore_command = '/controller/manager wal-restore %f %p'\n",
              Map.of("PGHOST", "x=y", "_a1", ""));

      assertThat(guard.check(PLUGIN, result)).isSameAs(result);
    }

    @Test
    void aConfigurationWithoutRestoreCommandIsRefused() {
      for (String configuration :
          List.of(
              "", "# restore_command = 'x'", "restore_command = ''", "my_restore_command = 'x'")) {
        assertRefused(
            PLUGIN,
            GuardRule.RESTORE_CONFIGURATION,
            () -> guard.check(PLUGIN, new RestoreResult(configuration, Map.of())));
      }
    }

    @Test
    void aNulCharacterIsRefused() {
      assertRefused(
          PLUGIN,
          GuardRule.RESTORE_CONFIGURATION,
          () -> guard.check(PLUGIN, new RestoreResult("restore_command = 'x\0'", Map.of())));
      assertRefused(
          PLUGIN,
          GuardRule.RESTORE_ENVIRONMENT,
          () -> guard.check(PLUGIN, new RestoreResult("restore_command = 'x'", Map.of("A", "\0"))));
    }

    @Test
    void aMalformedVariableIsRefused() {
      for (String name : List.of("", "A=B", "1A", "A-B", "Ä", "A B")) {
        assertRefused(
            PLUGIN,
            GuardRule.RESTORE_ENVIRONMENT,
            () ->
                guard.check(PLUGIN, new RestoreResult("restore_command = 'x'", Map.of(name, "v"))));
      }
    }

    @Test
    void noResultIsRefused() {
      assertRefused(PLUGIN, GuardRule.ANSWER_MISSING, () -> guard.check(PLUGIN, null));
    }
  }

  @Nested
  class Backups {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final BackupGuard guard = new BackupGuard();

    @Test
    void aWholeResultPasses() {
      BackupResult result = result(NOON, "000000010000000000000002", "0/2000028");

      assertThat(guard.check(PLUGIN, result)).isSameAs(result);
    }

    @Test
    void whatIsNotKnownMayBeEmpty() {
      assertThat(guard.check(PLUGIN, result(NOON, "", ""))).isNotNull();
    }

    @Test
    void aTimeThatWasNeverSetIsRefused() {
      assertRefused(
          PLUGIN,
          GuardRule.BACKUP_RESULT,
          () -> guard.check(PLUGIN, result(Instant.EPOCH.plusMillis(999), "", "")));
    }

    @Test
    void malformedWalNamesAndLsnsAreRefused() {
      assertRefused(
          PLUGIN, GuardRule.BACKUP_RESULT, () -> guard.check(PLUGIN, result(NOON, "wal-2", "")));
      assertRefused(
          PLUGIN, GuardRule.BACKUP_RESULT, () -> guard.check(PLUGIN, result(NOON, "", "2000028")));
    }

    @Test
    void noResultIsRefused() {
      assertRefused(PLUGIN, GuardRule.ANSWER_MISSING, () -> guard.check(PLUGIN, null));
    }

    private static BackupResult result(Instant started, String wal, String lsn) {
      return new BackupResult(
          "20260101T120000",
          "nightly",
          started,
          started.plusSeconds(60),
          wal,
          wal,
          lsn,
          lsn,
          "",
          "",
          "orders-1",
          true,
          Map.of());
    }
  }

  @Nested
  class WalStates {

    private final WalGuard guard = new WalGuard();

    @Test
    void anEmptyArchiveAndAnOrderedOnePass() {
      for (WalStatus status :
          List.of(
              new WalStatus("", "", Map.of()),
              new WalStatus("00000001000000000000000a", "00000001000000000000000B", Map.of()))) {
        assertThat(guard.check(PLUGIN, status)).isSameAs(status);
      }
    }

    @Test
    void otherNamesHalfAnswersAndWrongOrderAreRefused() {
      for (WalStatus status :
          List.of(
              new WalStatus("1", "2", Map.of()),
              new WalStatus("000000010000000000000001", "", Map.of()),
              new WalStatus(
                  "000000010000000000000001.partial", "000000010000000000000002", Map.of()),
              new WalStatus("000000020000000000000001", "000000010000000000000002", Map.of()))) {
        assertRefused(PLUGIN, GuardRule.WAL_STATUS, () -> guard.check(PLUGIN, status));
      }
      assertRefused(PLUGIN, GuardRule.ANSWER_MISSING, () -> guard.check(PLUGIN, null));
    }
  }

  @Nested
  class Metadata {

    private final MetadataGuard guard = new MetadataGuard();

    @Test
    void theRegisteredNamePasses() {
      PluginMetadata metadata = metadata(PLUGIN);

      assertThat(guard.check(PLUGIN, metadata)).isSameAs(metadata);
    }

    @Test
    void anotherNameIsRefused() {
      assertRefused(
          PLUGIN,
          GuardRule.METADATA_NAME,
          () -> guard.check(PLUGIN, metadata("other.example.com")));
      assertRefused(PLUGIN, GuardRule.ANSWER_MISSING, () -> guard.check(PLUGIN, null));
    }

    private static PluginMetadata metadata(String name) {
      return PluginMetadata.of(name, "1.0.0").description("For tests.").build();
    }
  }
}
