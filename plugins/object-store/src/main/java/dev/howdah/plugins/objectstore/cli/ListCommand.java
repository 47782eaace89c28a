package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** {@code list}: all backups of an archive. */
@Command(name = "list", description = "Lists the backups.", mixinStandardHelpOptions = true)
public final class ListCommand extends ArchiveCommand {

  private static final JsonMapper JSON = JsonMapper.shared();

  @Option(names = "--json", description = "Answer in JSON.")
  private boolean json;

  /** Made by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it runs anything
  public ListCommand() {}

  @Override
  int run(Archive archive) throws IOException {
    Catalogue catalogue = catalogue(archive);
    if (json) {
      ArrayNode all = JSON.createArrayNode();
      catalogue.backups().forEach(entry -> all.add(CatalogueJson.of(entry)));
      out().println(JSON.writeValueAsString(all));
      return 0;
    }
    String row = "%-16s %-7s %-24s %-24s %4s  %s%n";
    out().printf(row, "ID", "STATUS", "BEGAN", "ENDED", "TLI", "NAME");
    for (Entry entry : catalogue.backups()) {
      BackupInfo info = entry.info();
      out()
          .printf(
              row,
              entry.id(),
              info.status(),
              text(info.beginTime()),
              text(info.endTime()),
              text(info.timeline()),
              info.backupName().orElse("") + entry.kept().map(kept -> " (kept)").orElse(""));
    }
    for (String leftover : catalogue.leftovers()) {
      out().printf(row, leftover, "-", "", "", "", "no backup.info: running or broken off");
    }
    return 0;
  }
}
