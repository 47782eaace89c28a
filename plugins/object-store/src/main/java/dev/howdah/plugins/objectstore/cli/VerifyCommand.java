package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.recovery.BackupVerification;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code verify}: whether a backup is whole. */
@Command(
    name = "verify",
    description = "Reads a whole backup and its WAL, and says what is wrong with it.",
    mixinStandardHelpOptions = true)
public final class VerifyCommand extends ArchiveCommand {

  @Parameters(paramLabel = "ID", description = "The backup's id.")
  private String id;

  /** Made by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it runs anything
  public VerifyCommand() {}

  @Override
  int run(Archive archive) throws IOException {
    BackupVerification found = BackupVerification.of(archive, backup(archive, id));
    found.problems().forEach(problem -> out().println("wrong     " + problem));
    found.unproven().forEach(what -> out().println("unproven  " + what));
    out().println((found.sound() ? "sound     " : "not sound ") + id);
    return found.sound() ? 0 : 1;
  }
}
