package dev.howdah.plugins.objectstore.archive;

import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.store.Content;
import dev.howdah.plugins.objectstore.store.ResumingInputStream;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the last verification of a backup has found, as it is kept beside the backup, under a name
 * that Barman doesn't look at.
 *
 * @param at when it was
 * @param sound whether nothing was wrong with the backup and the WAL that makes it consistent
 * @param restored whether it was restored into a scratch directory and looked at there
 * @param bytes how many bytes were read
 * @param problems what was wrong
 * @param unproven what could not be checked
 * @param walUpTo the last segment of an unbroken chain of WAL from the backup on, if the WAL after
 *     the backup was followed
 * @param walProblems what is wrong with the WAL after the backup; it can be restored nevertheless
 */
public record VerificationRecord(
    Instant at,
    boolean sound,
    boolean restored,
    long bytes,
    List<String> problems,
    List<String> unproven,
    Optional<String> walUpTo,
    List<String> walProblems) {

  private static final Logger log = LoggerFactory.getLogger(VerificationRecord.class);
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int LONGEST = 1 << 20;
  // A backup of which everything is missing would have a record as big as itself.
  private static final int MOST_PROBLEMS = 100;

  /** Copies the lists, and keeps the first hundred of each. */
  public VerificationRecord {
    problems = first(problems);
    unproven = first(unproven);
    walProblems = first(walProblems);
  }

  private static List<String> first(List<String> all) {
    return List.copyOf(all.subList(0, Math.min(MOST_PROBLEMS, all.size())));
  }

  /** Whether the WAL after the backup was followed, too. */
  public boolean followedWal() {
    return walUpTo.isPresent() || !walProblems.isEmpty();
  }

  /**
   * The record of a backup, if there is one and it is of this very backup. One that can't be
   * understood counts as none: the backup is as good as never verified.
   *
   * @throws IOException if the store can't be asked
   */
  public static Optional<VerificationRecord> read(Archive archive, Entry backup)
      throws IOException {
    String key = archive.layout().verification(backup.id());
    byte[] file;
    try (ResumingInputStream in = ResumingInputStream.open(archive.store(), key)) {
      file = in.readNBytes(LONGEST);
    } catch (StoreException e) {
      if (e.kind() == StoreException.Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
    try {
      JsonNode json = JSON.readTree(file);
      return json.path("of").asString("").equals(fingerprint(backup))
          ? Optional.of(parse(json))
          : Optional.empty();
    } catch (JacksonException | DateTimeException e) {
      log.atWarn().addKeyValue("object", key).setCause(e).log("A verification's result is damaged");
      return Optional.empty();
    }
  }

  /**
   * The records of all backups of a catalogue that can be restored.
   *
   * @return by the backup's id; without those that were never verified
   */
  public static Map<String, VerificationRecord> readAll(Archive archive, Catalogue catalogue)
      throws IOException {
    Map<String, VerificationRecord> records = new LinkedHashMap<>();
    for (Entry entry : catalogue.restorable()) {
      read(archive, entry).ifPresent(record -> records.put(entry.id(), record));
    }
    return Map.copyOf(records);
  }

  /**
   * Keeps this record beside a backup, instead of the one before.
   *
   * @return whether it was kept; not so if the backup is gone meanwhile
   */
  public boolean write(Archive archive, Entry backup) throws StoreException {
    if (archive.store().find(archive.layout().backupInfo(backup.id())).isEmpty()) {
      return false;
    }
    ObjectNode json = toJson(backup.id()).put("of", fingerprint(backup));
    archive
        .store()
        .put(
            archive.layout().verification(backup.id()),
            Content.of(JSON.writeValueAsString(json) + "\n"),
            WriteOptions.REPLACE);
    return true;
  }

  /** As the command line shows it. */
  public ObjectNode toJson(String backupId) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("backup", backupId)
            .put("verifiedAt", at.toString())
            .put("sound", sound)
            .put("restored", restored)
            .put("bytes", bytes);
    putAll(json.putArray("problems"), problems);
    putAll(json.putArray("unproven"), unproven);
    walUpTo.ifPresent(wal -> json.put("walUpTo", wal));
    putAll(json.putArray("walProblems"), walProblems);
    return json;
  }

  private static VerificationRecord parse(JsonNode json) {
    return new VerificationRecord(
        Instant.parse(json.path("verifiedAt").asString("")),
        json.path("sound").asBoolean(false),
        json.path("restored").asBoolean(false),
        json.path("bytes").asLong(0),
        texts(json.path("problems")),
        texts(json.path("unproven")),
        Optional.of(json.path("walUpTo").asString("")).filter(wal -> !wal.isEmpty()),
        texts(json.path("walProblems")));
  }

  private static void putAll(ArrayNode array, List<String> texts) {
    texts.forEach(array::add);
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(text -> text.asString("")).toList();
  }

  // What was found holds for a backup, not for another one that may get the same id.
  private static String fingerprint(Entry backup) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(backup.info().toBytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
