package dev.howdah.plugin.backup;

import java.time.Instant;
import java.util.Map;

/**
 * A base backup that was made; what the operator writes into the Backup's status.
 *
 * @param backupId the plugin's own id of it
 * @param backupName the plugin's own name of it; may be empty
 * @param startedAt when it began, to the second on the wire
 * @param stoppedAt when it ended; not before {@code startedAt}
 * @param beginWal first WAL file needed to restore it
 * @param endWal last WAL file needed
 * @param beginLsn LSN at the start, such as {@code 0/2000028}
 * @param endLsn LSN at the end
 * @param backupLabelFile content of {@code backup_label}; may be empty
 * @param tablespaceMapFile content of {@code tablespace_map}; may be empty
 * @param instanceId the instance it was taken of; the operator doesn't read it
 * @param online whether PostgreSQL was running
 * @param metadata anything else worth keeping with it
 */
public record BackupResult(
    String backupId,
    String backupName,
    Instant startedAt,
    Instant stoppedAt,
    String beginWal,
    String endWal,
    String beginLsn,
    String endLsn,
    String backupLabelFile,
    String tablespaceMapFile,
    String instanceId,
    boolean online,
    Map<String, String> metadata) {

  /**
   * Checks what the Backup's status needs.
   *
   * @throws IllegalArgumentException if the id is empty or the times are the wrong way round
   */
  public BackupResult {
    if (backupId.isBlank()) {
      throw new IllegalArgumentException("A backup result needs a backup id.");
    }
    if (stoppedAt.isBefore(startedAt)) {
      throw new IllegalArgumentException("A backup can't stop before it starts.");
    }
    metadata = Map.copyOf(metadata);
  }
}
