package dev.howdah.plugins.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginException.Kind;
import dev.howdah.plugin.backup.BackupRequest;
import dev.howdah.plugin.backup.RestoreRequest;
import dev.howdah.plugin.backup.RestoreResult;
import dev.howdah.plugin.registry.Capabilities;
import dev.howdah.plugin.registry.Capabilities.WalRpc;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugin.registry.Side;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the plugin offers, and what it refuses to do for a Backup or a recovery. */
class ObjectStorePluginTest extends PluginOnInstance {

  @Test
  void itsHooksMakeItsCapabilities() {
    Capabilities instance = Capabilities.derive(HookRegistry.collect(plugin), Side.INSTANCE);

    assertThat(plugin.metadata().name()).isEqualTo("object-store.howdah.dev");
    assertThat(instance.wal())
        .containsExactlyInAnyOrder(
            WalRpc.ARCHIVE_WAL, WalRpc.RESTORE_WAL, WalRpc.STATUS, WalRpc.SET_FIRST_REQUIRED);
  }

  @Test
  void unknownParametersOfABackupAreNamed() {
    assertThatThrownBy(
            () ->
                plugin
                    .backups()
                    .backup(
                        new BackupRequest(backup(), CallContext.parameters(Map.of("jobz", "2"))),
                        cluster("'isWALArchiver': true")))
        .hasMessageContaining("jobz");
  }

  @Test
  void aClusterIsNotRestoredFromAnEmptyArchive() {
    assertThatThrownBy(
            () -> {
              RestoreResult result =
                  plugin.recovery().restore(new RestoreRequest(Optional.of(true)), recovered(""));
              assertThat(result).isNull();
            })
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
        .hasMessageContaining("has no backups");
  }
}
