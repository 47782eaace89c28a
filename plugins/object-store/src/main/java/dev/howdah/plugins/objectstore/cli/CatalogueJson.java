package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A backup as the commands show it in JSON. */
final class CatalogueJson {

  private CatalogueJson() {}

  static ObjectNode of(Entry entry) {
    BackupInfo info = entry.info();
    Map<String, Optional<String>> fields = new LinkedHashMap<>();
    fields.put("name", info.backupName());
    fields.put("status", info.text("status"));
    fields.put("beginTime", info.beginTime().map(Instant::toString));
    fields.put("endTime", info.endTime().map(Instant::toString));
    fields.put("beginWal", info.beginWal());
    fields.put("endWal", info.endWal());
    fields.put("beginLsn", info.beginLsn().map(Objects::toString));
    fields.put("endLsn", info.endLsn().map(Objects::toString));
    fields.put("systemId", info.systemId());
    fields.put("error", info.error());
    fields.put("kept", entry.kept().map(String::strip));
    ObjectNode json = JsonMapper.shared().createObjectNode().put("id", entry.id());
    fields.forEach((name, value) -> value.ifPresent(text -> json.put(name, text)));
    info.timeline().ifPresent(timeline -> json.put("timeline", timeline));
    info.version().ifPresent(version -> json.put("version", version));
    info.clusterSize().ifPresent(size -> json.put("clusterSize", size));
    List<BackupInfo.Tablespace> tablespaces = info.tablespaces();
    if (!tablespaces.isEmpty()) {
      ArrayNode list = json.putArray("tablespaces");
      tablespaces.forEach(
          tablespace ->
              list.addObject()
                  .put("name", tablespace.name())
                  .put("oid", tablespace.oid())
                  .put("location", tablespace.location()));
    }
    return json;
  }
}
