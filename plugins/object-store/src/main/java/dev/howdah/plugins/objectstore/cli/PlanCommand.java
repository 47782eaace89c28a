package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.recovery.BackupChoice;
import dev.howdah.plugins.objectstore.recovery.BackupParts;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code plan}: what a recovery would begin with, asked beforehand. */
@Command(
    name = "plan",
    description = "Says which backup a recovery would begin with, and why not others.",
    mixinStandardHelpOptions = true)
public final class PlanCommand extends ArchiveCommand {

  @Mixin private TargetOptions target;

  @Option(names = "--json", description = "Answer in JSON.")
  private boolean json;

  /** Made by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it runs anything
  public PlanCommand() {}

  @Override
  int run(Archive archive) throws IOException {
    BackupChoice choice = choose(archive, target.target());
    BackupParts parts = BackupParts.find(archive, choice.backup());
    if (json) {
      ObjectNode answer = JsonMapper.shared().createObjectNode();
      answer.set("backup", CatalogueJson.of(choice.backup()));
      answer.put("reason", choice.reason()).put("downloadBytes", parts.size());
      choice.passedOver().forEach(answer.putArray("passedOver")::add);
      print(answer);
      return 0;
    }
    BackupInfo info = choice.backup().info();
    out().println("backup      " + choice.backup().id());
    out().println("chosen      because " + choice.reason());
    out().println("ended       " + text(info.endTime()) + " at " + text(info.endLsn()));
    out().println("timeline    " + text(info.timeline()));
    out().println("first WAL   " + text(info.beginWal()));
    out().println("download    " + parts.size() + " bytes");
    choice.passedOver().forEach(why -> out().println("passed over " + why));
    return 0;
  }
}
