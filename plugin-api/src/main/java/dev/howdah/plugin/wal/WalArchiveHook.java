package dev.howdah.plugin.wal;

import dev.howdah.plugin.HookContext;

/** Archives WAL, behind {@code WAL.Archive}: PostgreSQL's {@code archive_command}. */
@FunctionalInterface
public interface WalArchiveHook {

  /**
   * Archives one file. Returning means that it is stored for good: PostgreSQL removes its own copy.
   * Must be idempotent, since the same file comes again when another plugin, or the answer's way
   * back, failed.
   *
   * @throws dev.howdah.plugin.PluginException if the file isn't stored; PostgreSQL then tries
   *     again, for ever
   */
  void archive(WalArchiveRequest request, HookContext context);
}
