package dev.howdah.plugins.objectstore.recovery;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout.DataName;
import dev.howdah.plugins.objectstore.layout.BackupInfo.Tablespace;
import dev.howdah.plugins.objectstore.store.ResumingInputStream;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.StoredObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The tar archives of a backup, all of them.
 *
 * @param parts PGDATA's and every tablespace's, in order
 */
public record BackupParts(List<Part> parts) {

  private static final JsonMapper JSON = JsonMapper.shared();

  /** Copies the list. */
  public BackupParts {
    parts = List.copyOf(parts);
  }

  /**
   * A tar archive.
   *
   * @param object the object that holds it
   * @param name what its name says
   * @param sha256 digest of the object in hexadecimal, if our manifest has it
   */
  public record Part(StoredObject object, DataName name, Optional<String> sha256) {}

  /**
   * Finds the archives.
   *
   * @throws PluginException of kind {@code PRECONDITION} if one is missing or has another size than
   *     our manifest says, or that is damaged
   */
  public static BackupParts find(Archive archive, Entry backup) throws IOException {
    Map<String, JsonNode> manifest = manifest(archive, backup);
    String folder = archive.layout().backup(backup.id());
    List<Part> parts = new ArrayList<>();
    archive
        .store()
        .list(
            folder,
            object -> {
              Optional<DataName> name = DataName.parse(object.name());
              if (name.isPresent() && object.key().equals(folder + object.name())) {
                JsonNode line = manifest.get(object.name());
                parts.add(
                    new Part(
                        object,
                        name.get(),
                        Optional.ofNullable(line).map(known -> known.path("sha256").asString(""))));
              }
              return true;
            });
    for (Map.Entry<String, JsonNode> line : manifest.entrySet()) {
      long size = line.getValue().path("size").asLong(-1);
      if (parts.stream()
          .noneMatch(
              part -> part.object().name().equals(line.getKey()) && part.object().size() == size)) {
        throw broken(backup, "%s is missing or has another size".formatted(line.getKey()));
      }
    }
    checkNumbers(backup, parts, Optional.empty());
    for (Tablespace tablespace : backup.info().tablespaces()) {
      checkNumbers(backup, parts, Optional.of(tablespace.oid()));
    }
    parts.sort(
        Comparator.comparing((Part part) -> part.name().tablespace().orElse(0L))
            .thenComparing(part -> part.name().part()));
    return new BackupParts(parts);
  }

  /** All bytes of the archives as they are stored. */
  public long size() {
    return parts.stream().mapToLong(part -> part.object().size()).sum();
  }

  private static void checkNumbers(Entry backup, List<Part> parts, Optional<Long> tablespace) {
    List<Integer> numbers =
        parts.stream()
            .filter(part -> part.name().tablespace().equals(tablespace))
            .map(part -> part.name().part())
            .sorted()
            .toList();
    List<Integer> wanted =
        Stream.iterate(0, n -> n + 1).limit(Math.max(1, numbers.size())).toList();
    if (!numbers.equals(wanted)) {
      throw broken(
          backup,
          "an archive of %s is missing or there twice"
              .formatted(tablespace.map(oid -> "tablespace " + oid).orElse("PGDATA")));
    }
  }

  private static PluginException broken(Entry backup, String why) {
    return new PluginException(
        PluginException.Kind.PRECONDITION,
        "backup %s can't be restored: %s".formatted(backup.id(), why));
  }

  // Barman's backups have none.
  private static Map<String, JsonNode> manifest(Archive archive, Entry backup) throws IOException {
    Map<String, JsonNode> parts = new HashMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                ResumingInputStream.open(archive.store(), archive.layout().manifest(backup.id())),
                StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode json = JSON.readTree(line);
        if (!json.has("file")) {
          parts.put(json.path("part").asString(""), json);
        }
      }
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.NOT_FOUND) {
        throw e;
      }
    } catch (JacksonException e) {
      PluginException damaged = broken(backup, "its manifest is damaged");
      damaged.initCause(e);
      throw damaged;
    }
    return parts;
  }
}
