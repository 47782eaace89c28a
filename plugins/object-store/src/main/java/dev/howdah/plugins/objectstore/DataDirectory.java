package dev.howdah.plugins.objectstore;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A PGDATA.
 *
 * @param path where it is
 */
record DataDirectory(Path path) {

  private static final String CHECK_MARKER = ".check-empty-wal-archive";

  /** The one that a WAL file lies in: its path is PGDATA/pg_wal/name, also if pg_wal is a link. */
  static DataDirectory of(Path walFile) {
    Path wal = walFile.toAbsolutePath().getParent();
    Path data = wal == null ? null : wal.getParent();
    return new DataDirectory(data == null ? Path.of("/") : data);
  }

  /** Whether an older operator wants the archive to be empty. */
  boolean wantsEmptyArchive() {
    return Files.exists(path.resolve(CHECK_MARKER));
  }

  /** Takes note that the archive was found empty. */
  void archiveWasEmpty() throws IOException {
    Files.deleteIfExists(path.resolve(CHECK_MARKER));
  }

  /** The system identifier, if there is a control file. */
  // The first eight bytes of the control file, in every version of PostgreSQL.
  Optional<String> systemId() throws IOException {
    Path control = path.resolve("global/pg_control");
    if (!Files.isReadable(control)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(control)) {
      byte[] bytes = in.readNBytes(Long.BYTES);
      return bytes.length < Long.BYTES
          ? Optional.empty()
          : Optional.of(
              Long.toUnsignedString(
                  ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getLong()));
    }
  }
}
