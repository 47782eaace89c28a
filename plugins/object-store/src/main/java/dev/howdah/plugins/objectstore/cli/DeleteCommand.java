package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.BackupDeletion;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code delete}: one backup less. */
@Command(
    name = "delete",
    description =
        "Deletes a backup, but never the last that can be restored. WAL stays. With --cluster its"
            + " Backup resource goes, too.",
    mixinStandardHelpOptions = true)
public final class DeleteCommand extends ArchiveCommand {

  @Parameters(paramLabel = "ID", description = "The backup's id.")
  private String id;

  @Option(names = "--yes", required = true, description = "Really.")
  private boolean yes;

  @Mixin private ClusterOptions cluster;

  @Option(names = "--json", description = "Answer in JSON.")
  private boolean json;

  /** Made by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it runs anything
  public DeleteCommand() {}

  @Override
  int run(Archive archive) throws IOException {
    Catalogue catalogue = catalogue(archive);
    return cluster.with(
        identity(archive, catalogue),
        resources -> {
          int objects =
              showing(
                  "deleting " + id,
                  false,
                  line -> BackupDeletion.delete(archive, catalogue, id, line));
          List<String> deleted = resources.delete(id);
          if (json) {
            ObjectNode answer =
                JsonMapper.shared().createObjectNode().put("deleted", id).put("objects", objects);
            deleted.forEach(answer.putArray("resources")::add);
            print(answer);
            return 0;
          }
          out().println("deleted " + id + ", " + objects + " objects");
          deleted.forEach(name -> out().println("deleted the Backup " + name));
          if (!cluster.given()) {
            out()
                .println(
                    "note: Backup resources whose status.backupId is %s stay; they go, too, with"
                            .formatted(id)
                        + " --cluster NAMESPACE/NAME, or by kubectl");
          }
          return 0;
        });
  }
}
