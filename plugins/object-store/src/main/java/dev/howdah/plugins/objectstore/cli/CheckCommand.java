package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.FirstRequiredWal;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.wal.WalInventory;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code check}: whether an archive can be read. */
@Command(
    name = "check",
    description = "Checks that the archive can be read, and says what it holds.",
    mixinStandardHelpOptions = true)
public final class CheckCommand extends ArchiveCommand {

  @Option(names = "--json", description = "Answer in JSON.")
  private boolean json;

  /** Made by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it runs anything
  public CheckCommand() {}

  @Override
  int run(Archive archive) throws IOException {
    Catalogue catalogue = catalogue(archive);
    WalInventory wal = WalInventory.read(archive);
    Optional<String> required = FirstRequiredWal.read(archive).map(WalName.Segment::name);
    if (json) {
      ObjectNode answer =
          JsonMapper.shared()
              .createObjectNode()
              .put("archive", archive.location())
              .put("backups", catalogue.backups().size())
              .put("restorable", catalogue.restorable().size());
      catalogue
          .firstRecoverabilityPoint()
          .ifPresent(time -> answer.put("recoverableFrom", time.toString()));
      wal.first().ifPresent(name -> answer.put("firstWal", name));
      wal.last().ifPresent(name -> answer.put("lastWal", name));
      required.ifPresent(name -> answer.put("firstRequiredWal", name));
      print(answer);
      return 0;
    }
    out().println("archive     " + archive.location());
    out()
        .println(
            "backups     %d, of which %d can be restored"
                .formatted(catalogue.backups().size(), catalogue.restorable().size()));
    out().println("recoverable from " + text(catalogue.firstRecoverabilityPoint()));
    out().println("WAL         " + text(wal.first()) + " to " + text(wal.last()));
    required.ifPresent(name -> out().println("WAL needed  from " + name + " on, somebody says"));
    return 0;
  }
}
