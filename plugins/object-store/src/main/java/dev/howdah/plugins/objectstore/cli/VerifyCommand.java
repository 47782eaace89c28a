package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.archive.VerificationRecord;
import dev.howdah.plugins.objectstore.recovery.Verification;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code verify}: whether a backup is whole. */
@Command(
    name = "verify",
    description =
        "Reads a whole backup and its WAL, says what is wrong with it, and keeps the result beside"
            + " the backup, where retention counts by it.",
    mixinStandardHelpOptions = true)
public final class VerifyCommand extends ArchiveCommand {

  @Parameters(paramLabel = "ID", description = "The backup's id.")
  private String id;

  @Option(
      names = "--follow-wal",
      description = "Read the WAL after the backup, too, up to the archive's newest.")
  private boolean followWal;

  @Option(
      names = "--restore-into",
      paramLabel = "DIR",
      description =
          "Also restore it into a folder in this directory, compare every file with what was"
              + " backed up, and remove it again.")
  private @Nullable Path restoreInto;

  @Option(
      names = "--workers",
      defaultValue = "2",
      description = "How many archives to restore at a time (default: ${DEFAULT-VALUE}).")
  private int workers;

  @Option(
      names = "--record",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Keep the result beside the backup (default: ${DEFAULT-VALUE}).")
  private boolean record;

  @Option(names = "--json", description = "Answer in JSON.")
  private boolean json;

  /** Made by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it runs anything
  public VerifyCommand() {}

  @Override
  int run(Archive archive) throws IOException {
    Entry backup = backup(archive, id);
    Verification verification =
        new Verification(
            followWal, Optional.empty(), Optional.ofNullable(restoreInto), Math.max(1, workers));
    VerificationRecord found =
        showing(
            "verifying " + id,
            true,
            line -> verification.verify(archive, backup, Clock.systemUTC(), line));
    Optional<String> unkept = record ? keep(archive, backup, found) : Optional.empty();
    if (json) {
      out().println(JsonMapper.shared().writeValueAsString(found.toJson(id)));
    } else {
      show(found);
      unkept.ifPresent(why -> out().println("note      the result isn't kept: " + why));
    }
    return found.sound() && found.walProblems().isEmpty() ? 0 : 1;
  }

  // Whoever may only read may verify nevertheless.
  private static Optional<String> keep(Archive archive, Entry backup, VerificationRecord found) {
    try {
      return found.write(archive, backup)
          ? Optional.empty()
          : Optional.of("the backup is no longer there");
    } catch (StoreException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private void show(VerificationRecord found) {
    found.problems().forEach(problem -> out().println("wrong     " + problem));
    found.walProblems().forEach(problem -> out().println("wrong     later " + problem));
    found.unproven().forEach(what -> out().println("unproven  " + what));
    found.walUpTo().ifPresent(wal -> out().println("WAL       unbroken up to " + wal));
    if (found.restored()) {
      out().println("restored  and compared");
    }
    out().println((found.sound() ? "sound     " : "not sound ") + id);
  }
}
