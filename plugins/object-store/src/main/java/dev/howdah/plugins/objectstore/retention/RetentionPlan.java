package dev.howdah.plugins.objectstore.retention;

import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import java.util.List;
import java.util.Optional;

/**
 * What is to be deleted from an archive and why, or why nothing is.
 *
 * @param refusal why nothing may be deleted at all
 * @param backups what is to go of {@code base/}, oldest first
 * @param wal names of the WAL files to go, with their keys
 * @param kept backups that stay, newest first
 * @param held ids of those of them that stay only because too few newer ones were found sound
 * @param remarks what somebody should look at
 */
public record RetentionPlan(
    Optional<String> refusal,
    List<Doomed> backups,
    List<DoomedWal> wal,
    List<Entry> kept,
    List<String> held,
    List<String> remarks) {

  /** Copies the lists. */
  public RetentionPlan {
    backups = List.copyOf(backups);
    wal = List.copyOf(wal);
    kept = List.copyOf(kept);
    held = List.copyOf(held);
    remarks = List.copyOf(remarks);
  }

  /** The rule by which something goes. */
  public enum Rule {
    /** Newer backups cover the whole recovery window. */
    OUTSIDE_WINDOW("outside-window"),
    /** It failed, before the oldest backup that stays. */
    FAILED("failed"),
    /** Files without a {@code backup.info}, of before the oldest backup that stays. */
    LEFTOVER("leftover"),
    /** No backup that stays needs it. */
    BEFORE_FIRST_BACKUP("before-first-backup");

    private final String text;

    Rule(String text) {
      this.text = text;
    }

    /** Its name for logs, the audit trail and the command line. */
    public String text() {
      return text;
    }
  }

  /**
   * A folder of {@code base/} that is to go.
   *
   * @param id the backup's id
   * @param rule why
   */
  public record Doomed(String id, Rule rule) {}

  /**
   * A WAL file that is to go.
   *
   * @param name its name
   * @param key the object
   * @param size the object's size in bytes
   */
  public record DoomedWal(String name, String key, long size) {}

  static RetentionPlan refused(String why) {
    return new RetentionPlan(
        Optional.of(why), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return backups.isEmpty() && wal.isEmpty();
  }
}
