package dev.howdah.plugins.objectstore.archive;

import dev.howdah.plugins.objectstore.store.Content;
import dev.howdah.plugins.objectstore.store.ResumingInputStream;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.StoredObject;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Says that retention is about to delete a backup, and for which Cluster. It is written before the
 * first object goes, into the archive itself: what has to follow the data is then known to whoever
 * cares for this archive next, however the process ended that deleted. That the backup is gone it
 * doesn't say; only the catalogue does.
 *
 * @param backupId the backup
 * @param clusterUid the uid of the Cluster whose primary deletes it
 * @param rule the rule of retention by which it goes
 */
public record DeletionNote(String backupId, String clusterUid, String rule) {

  private static final Logger log = LoggerFactory.getLogger(DeletionNote.class);
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String CLUSTER = "clusterUid";
  private static final String RULE = "rule";
  private static final int LONGEST = 64 << 10;

  /** Writes it, in place of one of the same backup. */
  public void write(Archive archive) throws StoreException {
    String json =
        JSON.writeValueAsString(JSON.createObjectNode().put(CLUSTER, clusterUid).put(RULE, rule));
    archive
        .store()
        .put(archive.layout().deleted(backupId), Content.of(json + "\n"), WriteOptions.REPLACE);
  }

  /**
   * All that there are. One that can't be understood is left alone, as if it weren't there.
   *
   * @throws IOException if the store can't tell completely
   */
  public static List<DeletionNote> readAll(Archive archive) throws IOException {
    List<DeletionNote> notes = new ArrayList<>();
    for (StoredObject object : archive.store().list(archive.layout().deleted())) {
      try (ResumingInputStream in = ResumingInputStream.open(archive.store(), object.key())) {
        JsonNode json = JSON.readTree(in.readNBytes(LONGEST));
        notes.add(
            new DeletionNote(
                object.name(), json.path(CLUSTER).asString(""), json.path(RULE).asString("")));
      } catch (JacksonException e) {
        log.atWarn()
            .addKeyValue("object", object.key())
            .setCause(e)
            .log("A note of a backup's deletion is damaged; it may be removed");
      }
    }
    return List.copyOf(notes);
  }

  /** Removes notes that are settled. */
  public static void remove(Archive archive, Collection<DeletionNote> settled)
      throws StoreException {
    if (!settled.isEmpty()) {
      archive
          .store()
          .delete(settled.stream().map(note -> archive.layout().deleted(note.backupId())).toList());
    }
  }
}
