package dev.howdah.plugin.wal;

import dev.howdah.plugin.Parameters;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A WAL file to be archived.
 *
 * @param source absolute path of the file, below PGDATA
 * @param parameters given with the call; today's operators give none
 * @param checkEmptyArchive whether the archive must be empty, since this is the first file of a new
 *     database; empty with operators that don't say
 */
public record WalArchiveRequest(
    Path source, Parameters parameters, Optional<Boolean> checkEmptyArchive) {

  /** The file's name, such as {@code 000000010000000000000001}. */
  public String walName() {
    Path name = source.getFileName();
    return name == null ? "" : name.toString();
  }
}
