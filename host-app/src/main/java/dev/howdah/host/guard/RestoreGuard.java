package dev.howdah.host.guard;

import dev.howdah.plugin.backup.RestoreResult;
import org.jspecify.annotations.Nullable;

/** Lets restore results through that PostgreSQL can replay with. */
public final class RestoreGuard {

  /**
   * Checks a result.
   *
   * @param plugin name of the plugin
   * @param result what its hook returned
   * @return the result
   * @throws GuardViolation if there is none, the configuration has no {@code restore_command}, or a
   *     variable is malformed
   */
  public RestoreResult check(String plugin, @Nullable RestoreResult result) {
    throw new UnsupportedOperationException();
  }
}
