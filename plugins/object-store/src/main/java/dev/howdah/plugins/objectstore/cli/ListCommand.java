package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.archive.Progress;
import dev.howdah.plugins.objectstore.archive.VerificationRecord;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

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
    Map<String, VerificationRecord> verified =
        showing("reading what was verified", false, line -> verified(archive, catalogue, line));
    if (json) {
      ArrayNode all = JSON.createArrayNode();
      for (Entry entry : catalogue.backups()) {
        ObjectNode backup = CatalogueJson.of(entry);
        Optional.ofNullable(verified.get(entry.id()))
            .ifPresent(
                record ->
                    backup
                        .put("verified", verdict(record))
                        .put("verifiedAt", record.at().toString()));
        all.add(backup);
      }
      out().println(JSON.writeValueAsString(all));
      return 0;
    }
    String row = "%-16s %-7s %-24s %-24s %4s %-8s %s%n";
    out().printf(row, "ID", "STATUS", "BEGAN", "ENDED", "TLI", "VERIFIED", "NAME");
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
              Optional.ofNullable(verified.get(entry.id())).map(ListCommand::verdict).orElse("-"),
              info.backupName().orElse("") + entry.kept().map(kept -> " (kept)").orElse(""));
    }
    for (String leftover : catalogue.leftovers()) {
      out().printf(row, leftover, "-", "", "", "", "", "no backup.info: running or broken off");
    }
    return 0;
  }

  // Also of those that can't be restored: somebody may have asked.
  private static Map<String, VerificationRecord> verified(
      Archive archive, Catalogue catalogue, Progress line) throws IOException {
    Map<String, VerificationRecord> records = new HashMap<>();
    line.expect(catalogue.backups().size());
    for (Entry entry : catalogue.backups()) {
      VerificationRecord.read(archive, entry).ifPresent(record -> records.put(entry.id(), record));
      line.advance(1);
    }
    return records;
  }

  private static String verdict(VerificationRecord record) {
    return record.sound() ? "sound" : "unsound";
  }
}
