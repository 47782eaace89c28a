package dev.howdah.plugin.backup;

import java.util.Map;

/**
 * How PostgreSQL shall go on after a restore.
 *
 * @param configuration lines of {@code postgresql.conf} for the replay, with a {@code
 *     restore_command}; recovery targets are added by the operator
 * @param environment variables for the PostgreSQL that replays; names without {@code =}
 */
public record RestoreResult(String configuration, Map<String, String> environment) {

  /** Copies the map. */
  public RestoreResult {
    environment = Map.copyOf(environment);
  }
}
