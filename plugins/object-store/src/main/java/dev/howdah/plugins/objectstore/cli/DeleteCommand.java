package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.BackupDeletion;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code delete}: one backup less. */
@Command(
    name = "delete",
    description = "Deletes a backup, but never the last that can be restored. WAL stays.",
    mixinStandardHelpOptions = true)
public final class DeleteCommand extends ArchiveCommand {

  @Parameters(paramLabel = "ID", description = "The backup's id.")
  private String id;

  @Option(names = "--yes", required = true, description = "Really.")
  private boolean yes;

  /** Made by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it runs anything
  public DeleteCommand() {}

  @Override
  int run(Archive archive) throws IOException {
    int objects = BackupDeletion.delete(archive, Catalogue.read(archive), id);
    out().println("deleted " + id + ", " + objects + " objects");
    return 0;
  }
}
