package dev.howdah.plugins.objectstore.backup;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which files of a data directory or tablespace belong into a backup. Left out is what PostgreSQL
 * makes anew when it starts, what is another instance's business, and what would make a restored
 * database believe that it is something else.
 */
final class DataFiles {

  /** Stored after all others: it says up to where the rest is consistent. */
  static final String CONTROL_FILE = "global/pg_control";

  private static final Set<String> EMPTIED_DIRECTORIES =
      Set.of(
          "pg_wal",
          "pg_xlog",
          "pg_log",
          "log",
          "pg_dynshmem",
          "pg_notify",
          "pg_replslot",
          "pg_serial",
          "pg_stat_tmp",
          "pg_snapshots",
          "pg_subtrans");

  private static final Set<String> LEFT_OUT_AT_THE_TOP =
      Set.of(
          "postmaster.pid",
          "postmaster.opts",
          "postgresql.auto.conf.tmp",
          "current_logfiles.tmp",
          "recovery.conf",
          "recovery.signal",
          "standby.signal",
          "backup_label",
          "backup_label.old",
          "tablespace_map",
          "tablespace_map.old",
          "backup_manifest",
          ".check-empty-wal-archive",
          ".howdah-restore",
          "lost+found");

  // Relations of sessions that are gone when the backup is restored.
  private static final Pattern TEMPORARY_RELATION =
      Pattern.compile("t[0-9]+_[0-9]+(_(fsm|vm|init))?(\\.[0-9]+)?");

  private DataFiles() {}

  /**
   * Whether a file or directory is left out, with all below it.
   *
   * @param path relative to the top, with slashes
   */
  static boolean isLeftOut(String path) {
    if (LEFT_OUT_AT_THE_TOP.contains(path)) {
      return true;
    }
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.startsWith("pgsql_tmp")
        || name.startsWith("pg_internal.init")
        || (path.indexOf('/') > 0 && TEMPORARY_RELATION.matcher(name).matches());
  }

  /** Whether a directory is stored without what it holds. */
  static boolean isEmptied(String path) {
    return EMPTIED_DIRECTORIES.contains(path);
  }
}
