package dev.howdah.plugins.objectstore.backup;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.store.PartedOutputStream;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes our own list of a backup's files and parts: a line of JSON for each, with size and
 * SHA-256, so that damage can be found without restoring. Lines may come from several threads.
 */
final class ManifestWriter implements AutoCloseable {

  private static final JsonMapper JSON = JsonMapper.shared();

  private final PartedOutputStream out;

  ManifestWriter(Archive archive, String backupId, WriteOptions options) {
    PartBuffers buffers = new PartBuffers(1, archive.store().partLimits().clamp(1 << 20));
    this.out =
        new PartedOutputStream(
            archive.store(), archive.layout().manifest(backupId), options, buffers, Runnable::run);
  }

  void file(String part, String path, long size, byte[] sha256) throws StoreException {
    ObjectNode line = JSON.createObjectNode();
    line.put("file", path).put("part", part);
    write(line, size, sha256);
  }

  void part(String part, long size, byte[] sha256) throws StoreException {
    ObjectNode line = JSON.createObjectNode();
    line.put("part", part);
    write(line, size, sha256);
  }

  private synchronized void write(ObjectNode line, long size, byte[] sha256) throws StoreException {
    line.put("size", size).put("sha256", HexFormat.of().formatHex(sha256));
    byte[] bytes = (JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8);
    out.write(bytes, 0, bytes.length);
  }

  void complete() throws StoreException {
    out.complete();
  }

  @Override
  public void close() throws StoreException {
    out.close();
  }
}
