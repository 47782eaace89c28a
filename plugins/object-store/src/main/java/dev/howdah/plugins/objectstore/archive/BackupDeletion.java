package dev.howdah.plugins.objectstore.archive;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.StoredObject;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes single backups, as somebody asks for by their id. WAL stays. */
public final class BackupDeletion {

  private static final Logger log = LoggerFactory.getLogger(BackupDeletion.class);

  // As many as a store takes in one request.
  private static final int BATCH = 1000;

  private BackupDeletion() {}

  /**
   * Deletes a backup. Its {@code backup.info} goes first, so that a deletion that breaks off leaves
   * nothing that looks as if it could be restored.
   *
   * @param progress is told of objects
   * @return how many objects were deleted
   * @throws PluginException of kind {@code NOT_FOUND} if there is no such backup, of kind {@code
   *     PRECONDITION} if it is to be kept or is the last that can be restored
   */
  public static int delete(Archive archive, Catalogue catalogue, String id, Progress progress)
      throws IOException {
    Entry backup =
        catalogue
            .find(id)
            .orElseThrow(
                () ->
                    new PluginException(
                        PluginException.Kind.NOT_FOUND,
                        "%s has no backup %s".formatted(archive.location(), id)));
    if (backup.kept().isPresent()) {
      throw refused(id, "somebody wants it kept (" + backup.kept().get().strip() + ")");
    }
    if (isLast(archive, catalogue.restorable(), backup)) {
      throw refused(id, "it is the last that can be restored");
    }
    int objects = deleteObjects(archive, id, progress);
    log.atInfo()
        .addKeyValue("backup", id)
        .addKeyValue("archive", archive.location())
        .addKeyValue("objects", objects)
        .log("Backup deleted");
    return objects;
  }

  // Those that a verification has found unsound are no others.
  private static boolean isLast(Archive archive, List<Entry> restorable, Entry backup)
      throws IOException {
    if (!restorable.contains(backup)) {
      return false;
    }
    for (Entry other : restorable) {
      if (!other.equals(backup)
          && VerificationRecord.read(archive, other).filter(record -> !record.sound()).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Deletes all of a backup that there is, {@code backup.info} first, whatever it is. For those who
   * have made sure that it may go.
   *
   * @return how many objects were deleted
   */
  public static int deleteObjects(Archive archive, String id) throws StoreException {
    return deleteObjects(archive, id, Progress.NONE);
  }

  private static int deleteObjects(Archive archive, String id, Progress progress)
      throws StoreException {
    List<String> keys =
        archive.store().list(archive.layout().backup(id)).stream().map(StoredObject::key).toList();
    progress.expect(keys.size());
    String info = archive.layout().backupInfo(id);
    if (keys.contains(info)) {
      archive.store().delete(List.of(info));
      progress.advance(1);
    }
    List<String> others = keys.stream().filter(key -> !key.equals(info)).toList();
    for (int from = 0; from < others.size(); from += BATCH) {
      List<String> batch = others.subList(from, Math.min(others.size(), from + BATCH));
      archive.store().delete(batch);
      progress.advance(batch.size());
    }
    return keys.size();
  }

  private static PluginException refused(String id, String why) {
    return new PluginException(
        PluginException.Kind.PRECONDITION, "backup %s is not deleted: %s".formatted(id, why));
  }
}
