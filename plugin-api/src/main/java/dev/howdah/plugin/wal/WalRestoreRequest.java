package dev.howdah.plugin.wal;

import dev.howdah.plugin.Parameters;
import java.nio.file.Path;

/**
 * A WAL file that is wanted back.
 *
 * @param walName the file's name
 * @param destination absolute path where the plugin has to put it
 * @param mode what it is for
 * @param parameters given with the call; today's operators give none
 */
public record WalRestoreRequest(
    String walName, Path destination, Mode mode, Parameters parameters) {

  /** What a WAL file is wanted for. */
  public enum Mode {
    /**
     * Replay: the following files will be wanted next. What older operators, which don't say, mean.
     */
    RECOVERY,
    /**
     * {@code pg_rewind}: exactly this file; nothing is to be fetched ahead, and that it is missing
     * not to be remembered.
     */
    REWIND
  }
}
