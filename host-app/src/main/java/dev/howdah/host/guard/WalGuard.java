package dev.howdah.host.guard;

import dev.howdah.plugin.wal.WalStatus;
import org.jspecify.annotations.Nullable;

/** Lets archive states through whose WAL names are WAL names and in order. */
public final class WalGuard {

  /**
   * Checks a state.
   *
   * @param plugin name of the plugin
   * @param status what its hook returned
   * @return the state
   * @throws GuardViolation if there is none, only one of both names is given, one isn't 24 hex
   *     digits, or the first comes after the last
   */
  public WalStatus check(String plugin, @Nullable WalStatus status) {
    throw new UnsupportedOperationException();
  }
}
