package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.wal.WalInventory;
import java.io.IOException;
import picocli.CommandLine.Command;

/** {@code check}: whether an archive can be read. */
@Command(
    name = "check",
    description = "Checks that the archive can be read, and says what it holds.",
    mixinStandardHelpOptions = true)
public final class CheckCommand extends ArchiveCommand {

  /** Made by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it runs anything
  public CheckCommand() {}

  @Override
  int run(Archive archive) throws IOException {
    Catalogue catalogue = Catalogue.read(archive);
    WalInventory wal = WalInventory.read(archive);
    out().println("archive     " + archive.location());
    out()
        .println(
            "backups     %d, of which %d can be restored"
                .formatted(catalogue.backups().size(), catalogue.restorable().size()));
    out().println("recoverable from " + text(catalogue.firstRecoverabilityPoint()));
    out().println("WAL         " + text(wal.first()) + " to " + text(wal.last()));
    return 0;
  }
}
