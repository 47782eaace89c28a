package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.recovery.BackupChoice;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code restore}: a backup's files in a directory. */
@Command(
    name = "restore",
    description =
        "Restores a backup's files. PostgreSQL then needs recovery.signal, a restore_command and"
            + " the recovery target.",
    mixinStandardHelpOptions = true)
public final class RestoreCommand extends ArchiveCommand {

  @Mixin private TargetOptions target;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "An empty directory that becomes PGDATA.")
  private Path to;

  @Option(names = "--wal-directory", paramLabel = "DIR", description = "Where pg_wal links to.")
  private @Nullable Path walDirectory;

  @Option(
      names = "--tablespace",
      paramLabel = "NAME=DIR",
      description = "Another place for a tablespace.")
  private @Nullable Map<String, Path> tablespaces;

  @Option(
      names = "--workers",
      defaultValue = "2",
      description = "How many archives at a time (default: ${DEFAULT-VALUE}).")
  private int workers;

  @Option(names = "--json", description = "Answer in JSON.")
  private boolean json;

  /** Made by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it runs anything
  public RestoreCommand() {}

  @Override
  int run(Archive archive) throws IOException {
    BackupChoice choice = choose(archive, target.target());
    BackupRestore.Destination destination =
        new BackupRestore.Destination(
            to,
            Optional.ofNullable(walDirectory),
            Objects.requireNonNullElse(tablespaces, Map.of()),
            Math.max(1, workers));
    long bytes =
        showing(
            "restoring " + choice.backup().id(),
            true,
            line -> BackupRestore.restore(archive, choice.backup(), destination, line));
    if (json) {
      print(
          JsonMapper.shared()
              .createObjectNode()
              .put("backup", choice.backup().id())
              .put("reason", choice.reason())
              .put("bytes", bytes)
              .put("directory", to.toString()));
    } else {
      out().println("restored " + choice.backup().id() + ", " + bytes + " bytes, to " + to);
    }
    return 0;
  }
}
