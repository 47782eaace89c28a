package dev.howdah.plugins.objectstore.retention;

import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.BackupDeletion;
import dev.howdah.plugins.objectstore.archive.Progress;
import dev.howdah.plugins.objectstore.retention.RetentionPlan.Doomed;
import dev.howdah.plugins.objectstore.retention.RetentionPlan.DoomedWal;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what a plan names, backups before the WAL that they needed. What a store refuses, as it
 * does while an object is locked, is reported and left for the next time.
 */
public final class Retention {

  private static final Logger log = LoggerFactory.getLogger(Retention.class);
  private static final int BATCH = 500;

  private final Archive archive;
  private final Consumer<AuditEvent.Builder> audit;
  private final Consumer<String> deleted;
  private final List<String> refused = new ArrayList<>();
  private int backups;
  private int walFiles;

  private Retention(Archive archive, Consumer<AuditEvent.Builder> audit, Consumer<String> deleted) {
    this.archive = archive;
    this.audit = audit;
    this.deleted = deleted;
  }

  /**
   * What was done.
   *
   * @param backups how many folders of {@code base/} were deleted
   * @param walFiles how many WAL files were
   * @param refused what the store refused to delete
   */
  public record Report(int backups, int walFiles, List<String> refused) {
    /** Copies the list. */
    public Report {
      refused = List.copyOf(refused);
    }
  }

  /**
   * Carries a plan out.
   *
   * @param audit is told of each deletion that was done, with its rule
   * @param deleted is told the id of each backup that was deleted, all of it
   * @param progress is told of backups and WAL files, whether deleted or refused
   * @throws StoreException if the store can't be reached; the next plan names what is left
   */
  public static Report carryOut(
      RetentionPlan plan,
      Archive archive,
      Consumer<AuditEvent.Builder> audit,
      Consumer<String> deleted,
      Progress progress)
      throws StoreException {
    Retention retention = new Retention(archive, audit, deleted);
    progress.expect(plan.backups().size() + plan.wal().size());
    for (Doomed doomed : plan.backups()) {
      retention.delete(doomed);
      progress.advance(1);
    }
    for (int from = 0; from < plan.wal().size(); from += BATCH) {
      List<DoomedWal> batch = plan.wal().subList(from, Math.min(plan.wal().size(), from + BATCH));
      retention.delete(batch);
      progress.advance(batch.size());
    }
    return new Report(retention.backups, retention.walFiles, retention.refused);
  }

  private void delete(Doomed doomed) throws StoreException {
    try {
      int objects = BackupDeletion.deleteObjects(archive, doomed.id());
      backups++;
      deleted.accept(doomed.id());
      log.atInfo()
          .addKeyValue("backup", doomed.id())
          .addKeyValue("archive", archive.location())
          .addKeyValue("rule", doomed.rule().text())
          .addKeyValue("objects", objects)
          .log("Backup deleted by retention");
      audit.accept(
          AuditEvent.of("backup.delete")
              .detail("backup", doomed.id())
              .detail("archive", archive.location())
              .detail("rule", doomed.rule().text())
              .detail("objects", String.valueOf(objects)));
    } catch (StoreException e) {
      refuse("backup " + doomed.id(), e);
    }
  }

  private void delete(List<DoomedWal> batch) throws StoreException {
    String first = batch.getFirst().name();
    String last = batch.getLast().name();
    try {
      archive.store().delete(batch.stream().map(DoomedWal::key).toList());
      walFiles += batch.size();
      String rule = RetentionPlan.Rule.BEFORE_FIRST_BACKUP.text();
      log.atInfo()
          .addKeyValue("first", first)
          .addKeyValue("last", last)
          .addKeyValue("archive", archive.location())
          .addKeyValue("rule", rule)
          .addKeyValue("files", batch.size())
          .log("WAL deleted by retention");
      audit.accept(
          AuditEvent.of("wal.delete")
              .detail("first", first)
              .detail("last", last)
              .detail("archive", archive.location())
              .detail("rule", rule)
              .detail("files", String.valueOf(batch.size())));
    } catch (StoreException e) {
      refuse("WAL %s to %s".formatted(first, last), e);
    }
  }

  private void refuse(String what, StoreException e) throws StoreException {
    if (e.kind() != StoreException.Kind.DENIED) {
      throw e;
    }
    refused.add(what);
    log.atWarn()
        .addKeyValue("what", what)
        .addKeyValue("archive", archive.location())
        .addKeyValue("reason", e.getMessage())
        .log("The store refuses to delete what retention no longer needs; is it locked?");
  }
}
